SELECT source, count(*) AS attempts, count(*) FILTER (verdict = 'correct') AS correct, count(*) FILTER (verdict = 'incorrect') AS incorrect, count(*) FILTER (verdict = 'unverified') AS unverified,
    count(*) FILTER (verdict IS NULL) AS without_verdict,
    round(correct / nullif(correct + incorrect, 0), 4) AS pass_rate, round(median(ifd), 3) AS median_ifd
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY source
ORDER BY source

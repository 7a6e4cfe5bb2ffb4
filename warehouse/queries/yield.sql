SELECT
    source,
    count(*) AS traces,
    count(*) FILTER (verdict = 'correct') AS correct,
    count(*) FILTER (verdict = 'incorrect') AS incorrect,
    count(*) FILTER (verdict = 'unverified') AS unverified,
    count(*) FILTER (structure = 'ok') AS well_formed,
    round(median(ifd), 3) AS median_ifd
FROM traces_full
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
GROUP BY source
ORDER BY source

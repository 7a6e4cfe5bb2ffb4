SELECT
    source,
    count(*) AS traces,
    count(*) FILTER (verdict = 'correct') AS correct,
    count(*) FILTER (verdict = 'incorrect') AS incorrect,
    count(*) FILTER (verdict = 'unverified') AS unverified,
    round(correct / nullif(correct + incorrect, 0), 2) AS pass_rate,
    count(*) FILTER (structure = 'ok') AS well_formed,
    round(quantile_cont(ifd, 0.25), 3) AS ifd_q1,
    round(median(ifd), 3) AS ifd,
    round(quantile_cont(ifd, 0.75), 3) AS ifd_q3,
    round(median(rifd), 3) AS rifd
FROM traces_full
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
GROUP BY source
ORDER BY source

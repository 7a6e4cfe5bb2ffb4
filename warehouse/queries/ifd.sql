SELECT
    source,
    count(ifd) AS scored,
    count(*) - count(ifd) AS without,
    round(quantile_cont(ifd, 0.25), 3) AS q1,
    round(median(ifd), 3) AS median,
    round(quantile_cont(ifd, 0.75), 3) AS q3,
    round(median(rifd), 3) AS median_rifd
FROM traces_full
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
GROUP BY source
ORDER BY source

SELECT coalesce(effect, '(undecided)') AS effect, count(*) AS traces, round(avg(ifd), 3) AS mean_ifd
FROM traces_full
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
WHERE verdict IS NOT NULL
GROUP BY ALL
ORDER BY traces DESC, effect

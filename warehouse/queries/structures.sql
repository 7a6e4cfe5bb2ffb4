SELECT structure, count(*) AS traces
FROM traces_full
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
GROUP BY ALL
ORDER BY traces DESC, structure

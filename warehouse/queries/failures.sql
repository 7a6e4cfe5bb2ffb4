SELECT f.reason, count(*) AS attempts
FROM attempts a
JOIN failures f USING (attempt_id)
ANTI JOIN traces USING (attempt_id)
WHERE a.plan_id = $plan_id
GROUP BY ALL
ORDER BY attempts DESC, f.reason

SELECT fate_reason AS reason, count(*) AS attempts
FROM fates
WHERE plan_id = $plan_id AND fate = 'failed'
GROUP BY ALL
ORDER BY attempts DESC, reason

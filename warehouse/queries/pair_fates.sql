SELECT fate, reason, stage AS in_force, count(*) AS originals
FROM pair_fates
WHERE plan_id = $plan_id
GROUP BY fate, reason, stage
ORDER BY fate DESC, originals DESC, reason, stage

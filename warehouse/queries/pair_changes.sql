SELECT
    change,
    count(*) FILTER (reflection = 'instruction') AS on_instruction,
    count(*) FILTER (reflection = 'response') AS on_response
FROM (
    SELECT on_instruction AS change, 'instruction' AS reflection FROM selections WHERE plan_id = $plan_id
    UNION ALL
    SELECT on_response, 'response' FROM selections WHERE plan_id = $plan_id
)
WHERE change IS NOT NULL
GROUP BY change
ORDER BY on_instruction + on_response DESC, change

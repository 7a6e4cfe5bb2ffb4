SELECT
    count(*) AS traces,
    count(*) FILTER (len(reflections) > 0) AS reflected,
    count(*) FILTER (thinking IS NULL) AS without_thinking,
    count(*) FILTER ("output" IS NULL) AS without_output,
    mode(structure ORDER BY structure) AS structure
FROM newest_traces
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)

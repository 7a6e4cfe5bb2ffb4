-- A trace of each sort that a newcomer should see, the shortest of its sort. Texts are measured where they stand: through
-- the joins of traces_full all of them would be in memory.
WITH lengths AS (
    SELECT trace_id, len(text) AS length
    FROM traces
),
found AS (
    SELECT
        trace_id,
        CASE WHEN structure = 'ok' THEN effect ELSE 'malformed' END AS sort,
        CASE WHEN structure = 'ok' THEN effect || ' by its reflection' ELSE 'malformed: ' || structure END AS what
    FROM traces_full
    SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
    WHERE structure NOT IN ('empty', 'truncated')
)
SELECT arg_min(trace_id, (length, trace_id)) AS trace_id, arg_min(what, (length, trace_id)) AS what
FROM found
JOIN lengths USING (trace_id)
WHERE sort IN ('corrected', 'harmed', 'malformed')
GROUP BY sort
ORDER BY sort

-- A trace of each sort that a newcomer should see, the shortest of its sort.
WITH found AS (
    SELECT
        trace_id,
        text,
        CASE WHEN structure = 'ok' THEN effect ELSE 'malformed' END AS sort,
        CASE WHEN structure = 'ok' THEN effect || ' by its reflection' ELSE 'malformed: ' || structure END AS what
    FROM traces_full
    SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)
    WHERE structure NOT IN ('empty', 'truncated')
)
SELECT trace_id, what
FROM found
WHERE sort IN ('corrected', 'harmed', 'malformed')
QUALIFY row_number() OVER (PARTITION BY sort ORDER BY len(text), trace_id) = 1
ORDER BY sort

SELECT step, n
FROM (
    SELECT
        count(*) AS planned,
        count(trace_id) AS traces,
        count(*) FILTER (structure = 'ok') AS well_formed,
        count(*) FILTER (verdict IN ('correct', 'incorrect')) AS verified,
        count(*) FILTER (verdict = 'correct') AS correct
    FROM attempts_full
    WHERE plan_id = $plan_id
)
UNPIVOT (n FOR step IN (planned, traces, well_formed, verified, correct))

SELECT step, n
FROM (
    SELECT
        count(*) AS planned,
        count(trace_id) AS traces,
        count(*) FILTER (verdict IN ('correct', 'incorrect')) AS verified,
        count(*) FILTER (verdict = 'correct') AS correct,
        count(*) FILTER (verdict = 'correct' AND structure = 'ok') AS correct_and_well_formed
    FROM attempts_full
    WHERE plan_id = $plan_id
)
UNPIVOT (n FOR step IN (planned, traces, verified, correct, correct_and_well_formed))

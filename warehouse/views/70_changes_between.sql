-- What changed between two runs? changes_between('run_id', 'run_id'): each question whose outcome differs, with its
-- verified and correct traces as they stood when each run had landed, among the attempts of that run's plan. So it
-- compares another prompt or teacher (two plans) as well as another verifier (one plan, newer verdicts). Verdicts are
-- those that landed; disputes do not count. Without arguments, the two newest runs that planned attempts.
CREATE MACRO changes_between(before := NULL, after := NULL) AS TABLE
WITH numbered AS (
    SELECT run_id, plan_id, landed_at, row_number() OVER (ORDER BY landed_at DESC, run_id) AS age
    FROM runs
    WHERE plan_id IN (SELECT plan_id FROM attempts)
),
chosen AS (
    SELECT 'before' AS side, plan_id, landed_at AS moment
    FROM numbered
    WHERE CASE
        WHEN before IS NULL THEN age = 2
        WHEN before IN (SELECT run_id FROM numbered) THEN run_id = before
        ELSE error('before: got ' || before || '; needs the run_id of a run that planned attempts')
    END
    UNION ALL
    SELECT 'after', plan_id, landed_at
    FROM numbered
    WHERE CASE
        WHEN after IS NULL THEN age = 1
        WHEN after IN (SELECT run_id FROM numbered) THEN run_id = after
        ELSE error('after: got ' || after || '; needs the run_id of a run that planned attempts')
    END
),
stood AS (
    SELECT
        c.side,
        a.question_id,
        a.attempt_id,
        arg_max(v.verdict, (t.landed_at, v.verifier <> 'judge', v.landed_at, v.verdict_id)) AS verdict
    FROM chosen c
    JOIN attempts a USING (plan_id)
    LEFT JOIN traces t ON t.attempt_id = a.attempt_id AND t.landed_at <= c.moment
    LEFT JOIN verdicts v ON v.subject_id = t.trace_id AND v.subject = 'trace' AND v.landed_at <= c.moment
    GROUP BY ALL
),
counted AS (
    SELECT
        question_id,
        bool_or(side = 'before') AS was,
        bool_or(side = 'after') AS is_now,
        count(*) FILTER (side = 'before' AND verdict IN ('correct', 'incorrect')) AS verified_before,
        count(*) FILTER (side = 'after' AND verdict IN ('correct', 'incorrect')) AS verified_after,
        count(*) FILTER (side = 'before' AND verdict = 'correct') AS correct_before,
        count(*) FILTER (side = 'after' AND verdict = 'correct') AS correct_after
    FROM stood
    GROUP BY question_id
),
compared AS (
    SELECT
        *,
        correct_before / nullif(verified_before, 0) AS pass_rate_before,
        correct_after / nullif(verified_after, 0) AS pass_rate_after
    FROM counted
)
SELECT
    CASE
        WHEN NOT was THEN 'new'
        WHEN NOT is_now THEN 'gone'
        WHEN pass_rate_after > pass_rate_before THEN 'better'
        WHEN pass_rate_after < pass_rate_before THEN 'worse'
        ELSE 'other_counts'
    END AS change,
    q.source,
    c.question_id,
    round(pass_rate_before, 4) AS pass_rate_before,
    round(pass_rate_after, 4) AS pass_rate_after,
    correct_before,
    verified_before,
    correct_after,
    verified_after,
    q.text AS question
FROM compared c
LEFT JOIN questions q USING (question_id)
WHERE (was, verified_before, correct_before) IS DISTINCT FROM (is_now, verified_after, correct_after)
ORDER BY change, q.source, c.question_id;

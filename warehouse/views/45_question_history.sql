-- What has happened to a question? Every attempt, call, failure, trace, verdict, score, ruling, contamination finding
-- and curation, in time: ... WHERE question_id = '...'. `what` is the outcome, `why` its reason, `value` a number if it
-- has one (IFD, or the price of a call), `who` the model, grammar, verifier, student, detector or policy, `id` the row's
-- key. Nothing is left out for being old.
CREATE VIEW question_history AS
WITH asked AS (
    SELECT attempt_id, any_value(question_id) AS question_id, any_value(sample_index) AS sample_index,
        any_value(call_id) AS call_id
    FROM attempts
    GROUP BY attempt_id
),
calls_of AS (
    SELECT unnest(call_ids) AS call_id, question_id, sample_index, attempt_id
    FROM traces
    UNION
    SELECT unnest(call_ids), question_id, sample_index, attempt_id
    FROM failures
    JOIN asked USING (attempt_id)
    UNION
    SELECT call_id, question_id, sample_index, attempt_id
    FROM asked
),
happened AS (
    SELECT question_id, landed_at, 'question' AS event, NULL AS sample_index, NULL AS attempt_id, kind AS what,
        NULL AS why, NULL::DOUBLE AS value, source AS who, question_id AS id
    FROM questions
    UNION ALL
    SELECT question_id, landed_at, 'attempt', sample_index, attempt_id, 'planned', NULL, NULL, plan_id, attempt_id
    FROM attempts
    UNION ALL
    SELECT o.question_id, c.landed_at, 'call', o.sample_index, o.attempt_id, c.ended, coalesce(c.error, c.finish_reason),
        c.cost_usd, c.model_asked, c.call_id
    FROM calls_of o
    JOIN calls c USING (call_id)
    UNION ALL
    SELECT a.question_id, f.landed_at, 'failure', a.sample_index, f.attempt_id, 'failed', f.reason, NULL, f.plan_id,
        f.attempt_id
    FROM failures f
    JOIN asked a USING (attempt_id)
    UNION ALL
    SELECT question_id, landed_at, 'trace', sample_index, attempt_id, structure, answer, NULL, grammar, trace_id
    FROM traces
    UNION ALL
    SELECT t.question_id, v.landed_at, 'verdict', t.sample_index, t.attempt_id, v.verdict, v.reason, NULL,
        v.verifier || ' ' || v.verifier_version, v.verdict_id
    FROM verdicts v
    JOIN traces t ON t.trace_id = v.subject_id
    UNION ALL
    SELECT t.question_id, s.landed_at, 'score', t.sample_index, t.attempt_id,
        CASE WHEN s.ifd IS NULL THEN 'no_ifd' ELSE 'ifd' END, s.reason, s.ifd, s.student, s.score_id
    FROM scores s
    JOIN traces t ON t.trace_id = s.subject_id
    UNION ALL
    SELECT question_id, landed_at, 'ruling', NULL, NULL, ruling, note, NULL, ruled_by, ruling_id
    FROM rulings
    UNION ALL
    SELECT question_id, landed_at, 'contamination', NULL, NULL,
        CASE contaminated WHEN true THEN 'contaminated' WHEN false THEN 'clean' ELSE 'undecided' END,
        benchmark || ' ' || match_id, score, detector, contamination_id
    FROM contaminations
    UNION ALL
    SELECT d.question_id, d.landed_at, 'decision', a.sample_index, d.attempt_id, d.fate,
        concat_ws(': ', d.rule, d.reason), NULL, c.name, d.curation_id
    FROM decisions d
    JOIN curations c USING (curation_id)
    LEFT JOIN asked a USING (attempt_id)
)
SELECT *
FROM happened
ORDER BY question_id, landed_at, sample_index, event, id;

-- One row per planned attempt: where it stands (judged, failed or pending, and why), and its trace as in traces_full.
CREATE VIEW attempts_full AS
SELECT
    a.plan_id,
    a.attempt_id,
    a.question_id,
    a.sample_index,
    a.source,
    a.tags,
    -- as in standings: beside that view, the verdicts in force would be worked out twice
    CASE
        WHEN f.trace_id IS NULL AND a.failure IS NOT NULL THEN 'failed'
        WHEN NOT a.called OR f.verdict IS NULL THEN 'pending'
        ELSE 'judged'
    END AS standing,
    CASE
        WHEN f.trace_id IS NULL AND a.failure IS NOT NULL THEN a.failure
        WHEN NOT a.called THEN 'no_call'
        WHEN f.trace_id IS NULL THEN 'no_trace'
        WHEN f.verdict IS NULL THEN 'no_verdict'
    END AS standing_reason,
    f.* EXCLUDE (plan_id, attempt_id, question_id, sample_index, source, tags)
FROM traces_full f
RIGHT JOIN (
    SELECT p.*, q.source, q.tags, c.call_id IS NOT NULL AS called, x.reason AS failure
    FROM attempts p
    LEFT JOIN questions q USING (question_id)
    LEFT JOIN calls c USING (call_id)
    LEFT JOIN failures x USING (attempt_id)
) a ON f.attempt_id = a.attempt_id;

-- One row per planned attempt: where it stands (judged, failed or pending, and why), and its trace as in traces_full.
CREATE VIEW attempts_full AS
SELECT
    a.plan_id,
    a.attempt_id,
    a.question_id,
    a.sample_index,
    q.source,
    q.tags,
    CASE
        WHEN f.trace_id IS NULL AND x.reason IS NOT NULL THEN 'failed'
        WHEN c.call_id IS NULL OR f.verdict IS NULL THEN 'pending'
        ELSE 'judged'
    END AS standing,
    CASE
        WHEN f.trace_id IS NULL AND x.reason IS NOT NULL THEN x.reason
        WHEN c.call_id IS NULL THEN 'no_call'
        WHEN f.trace_id IS NULL THEN 'no_trace'
        WHEN f.verdict IS NULL THEN 'no_verdict'
    END AS standing_reason,
    f.* EXCLUDE (plan_id, attempt_id, question_id, sample_index, source, tags)
FROM attempts a
LEFT JOIN questions q USING (question_id)
LEFT JOIN calls c USING (call_id)
LEFT JOIN traces_full f USING (attempt_id)
LEFT JOIN failures x USING (attempt_id);

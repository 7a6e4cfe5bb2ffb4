-- One row per planned attempt: where it stands (judged, failed or pending), and why; its trace, and the verdict in force.
CREATE VIEW standings AS
SELECT
    a.plan_id,
    a.attempt_id,
    a.question_id,
    a.sample_index,
    q.source,
    q.tags,
    CASE
        WHEN t.trace_id IS NULL AND x.reason IS NOT NULL THEN 'failed'
        WHEN c.call_id IS NULL OR t.verdict IS NULL THEN 'pending'
        ELSE 'judged'
    END AS standing,
    CASE
        WHEN t.trace_id IS NULL AND x.reason IS NOT NULL THEN x.reason
        WHEN c.call_id IS NULL THEN 'no_call'
        WHEN t.trace_id IS NULL THEN 'no_trace'
        WHEN t.verdict IS NULL THEN 'no_verdict'
    END AS standing_reason,
    t.trace_id,
    t.structure,
    t.verdict,
    t.reason,
    t.effect,
    t.reflection_marks
FROM attempts a
LEFT JOIN questions q USING (question_id)
LEFT JOIN calls c USING (call_id)
LEFT JOIN judged_traces t USING (attempt_id)
LEFT JOIN failures x USING (attempt_id);

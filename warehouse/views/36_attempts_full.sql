-- One row per planned attempt: where it stands (judged, failed or pending, and why), and its trace as in traces_full.
CREATE VIEW attempts_full AS
SELECT
    s.* EXCLUDE (trace_id, structure, verdict, reason, effect, reflection_marks),
    f.* EXCLUDE (plan_id, attempt_id, question_id, sample_index, source, tags)
FROM standings s
LEFT JOIN traces_full f USING (trace_id);

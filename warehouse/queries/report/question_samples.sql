SELECT d.*, q.licence, NULL AS system, coalesce(t.reflections, []) AS reflections, coalesce(t.draft_answers, []) AS draft_answers
FROM (
    SELECT *
    FROM decided_full
    WHERE curation_id = $curation_id AND question_id = $question_id AND text IS NOT NULL AND verdict IS NOT NULL
) d
LEFT JOIN newest_traces t USING (trace_id)
LEFT JOIN questions q ON q.question_id = d.question_id
ORDER BY d.sample_index, d.trace_id

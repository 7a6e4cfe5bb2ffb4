SELECT d.*, q.licence, NULL AS system, coalesce(t.reflections, []) AS reflections, coalesce(t.draft_answers, []) AS draft_answers
FROM (
    SELECT *, md5($curation_id || trace_id) AS draw
    FROM decided_full
    WHERE curation_id = $curation_id AND text IS NOT NULL AND verdict IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY source, fate, verdict, effect ORDER BY draw) <= $sampled
    ORDER BY row_number() OVER (PARTITION BY source, fate, verdict, effect ORDER BY draw), draw
    LIMIT $sampled
) d
LEFT JOIN newest_traces t USING (trace_id)
LEFT JOIN questions q ON q.question_id = d.question_id
ORDER BY d.fate = 'kept' DESC, d.effect = 'corrected' DESC, d.draw

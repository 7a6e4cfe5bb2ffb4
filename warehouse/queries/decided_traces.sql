SELECT
    d.fate,
    d.rank,
    f.trace_id,
    f.question_id,
    f.source,
    q.licence,
    f.tags,
    f.question,
    f.gold,
    s.system,
    f.text,
    f.structure,
    t.reflections,
    f.answer,
    f.verdict,
    f.reason,
    f.effect,
    f.reflection_effects,
    f.ifd,
    f.rifd,
    f.teacher
FROM decisions d
JOIN traces_full f USING (trace_id)
JOIN newest_traces t USING (trace_id)
JOIN questions q ON q.question_id = f.question_id
LEFT JOIN (
    -- what all calls of a trace had as their system message; nothing where they had different ones
    SELECT trace_id, CASE WHEN min(said) = max(said) THEN nullif(any_value(said), '') END AS system
    FROM (
        SELECT trace_id, coalesce([m.content FOR m IN messages IF m.role = 'system'][1], '') AS said
        FROM (SELECT trace_id, unnest(call_ids) AS call_id FROM newest_traces)
        JOIN calls USING (call_id)
    )
    GROUP BY trace_id
) s USING (trace_id)
WHERE d.curation_id = $curation_id

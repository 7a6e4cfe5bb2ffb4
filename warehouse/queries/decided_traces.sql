SELECT
    'traces' AS line,
    d.fate,
    d.rank,
    d.attempt_id,
    f.trace_id,
    f.question_id,
    f.source,
    q.licence,
    f.tags,
    f.question,
    f.question AS instruction,
    '' AS input,
    f.gold,
    CASE WHEN len(t.call_ids) = 1 THEN c1.system ELSE s.system END AS system,
    f.text,
    f.structure,
    t.reflections,
    f.answer,
    f.verdict,
    f.reason,
    f.effect,
    f.reflection_effects,
    CASE WHEN c.scorer IS NULL THEN f.ifd ELSE cs.ifd END AS ifd,
    CASE WHEN c.scorer IS NULL THEN f.rifd ELSE cs.rifd END AS rifd,
    f.teacher
FROM decisions d
LEFT JOIN curations c USING (curation_id)
LEFT JOIN curation_scores cs ON cs.curation_id = d.curation_id AND cs.subject_id = d.trace_id
JOIN traces_full f USING (trace_id)
JOIN newest_traces t USING (trace_id)
JOIN questions q ON q.question_id = f.question_id
LEFT JOIN (
    SELECT call_id, nullif([m.content FOR m IN messages IF m.role = 'system'][1], '') AS system
    FROM calls
) c1 ON c1.call_id = t.call_ids[1] AND len(t.call_ids) = 1
LEFT JOIN (
    -- what all calls of a trace had as their system message; nothing where they had different ones
    SELECT trace_id, CASE WHEN min(said) = max(said) THEN nullif(any_value(said), '') END AS system
    FROM (
        SELECT trace_id, coalesce([m.content FOR m IN messages IF m.role = 'system'][1], '') AS said
        FROM (SELECT trace_id, unnest(call_ids) AS call_id FROM newest_traces WHERE len(call_ids) > 1)
        JOIN calls USING (call_id)
    )
    GROUP BY trace_id
) s USING (trace_id)
WHERE d.curation_id = $curation_id
UNION ALL BY NAME
SELECT
    'pairs' AS line,
    d.fate,
    d.rank,
    d.attempt_id,
    r.trace_id,
    r.question_id,
    r.source,
    NULL AS licence,
    r.tags,
    r.question,
    r.instruction,
    r.input,
    r.gold,
    NULL AS system,
    r.text,
    'untagged' AS structure,
    [] AS reflections,
    r.answer,
    r.verdict,
    r.reason,
    r.effect,
    [] AS reflection_effects,
    CASE WHEN c.scorer IS NULL THEN r.ifd ELSE cs.ifd END AS ifd,
    CASE WHEN c.scorer IS NULL THEN r.rifd ELSE cs.rifd END AS rifd,
    coalesce(r.teacher, 'none') AS teacher
FROM decisions d
LEFT JOIN curations c USING (curation_id)
LEFT JOIN curation_scores cs ON cs.curation_id = d.curation_id AND cs.subject_id = d.trace_id
JOIN recycled_full r USING (attempt_id, trace_id)
WHERE d.curation_id = $curation_id AND d.line = 'pairs'

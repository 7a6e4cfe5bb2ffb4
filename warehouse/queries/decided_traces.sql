WITH decided AS (
    SELECT attempt_id, trace_id, line, fate, rank
    FROM decisions
    WHERE curation_id = $curation_id AND trace_id IS NOT NULL
),
curation AS (
    SELECT (SELECT scorer FROM curations WHERE curation_id = $curation_id) AS scorer
),
scorer AS (
    -- the student that the curation went by; if it names none, the newest run's
    SELECT unnest(counts)
    FROM (
        SELECT coalesce(
            scorer,
            (SELECT scored_by FROM runs WHERE scored_by IS NOT NULL ORDER BY landed_at DESC LIMIT 1)
        ) AS counts
        FROM curation
    )
),
counted AS (
    SELECT subject_id, ifd, rifd, score_id, landed_at
    FROM scores
    SEMI JOIN scorer USING (student, student_revision, template_hash, definition, response_text, max_length, dtype)
),
superseded AS (
    SELECT score_id, landed_at
    FROM counted
    SEMI JOIN (SELECT subject_id FROM counted GROUP BY subject_id HAVING count(*) > 1) USING (subject_id)
    QUALIFY rank() OVER (PARTITION BY subject_id ORDER BY landed_at DESC, score_id) > 1
),
newest_score AS (
    SELECT subject_id, ifd, rifd
    FROM counted
    ANTI JOIN superseded USING (score_id, landed_at)
),
several AS (
    -- what all calls of a trace had as their system message; nothing where they had different ones
    SELECT
        trace_id,
        arg_max(model_asked, n) AS teacher,
        CASE WHEN min(said) = max(said) THEN nullif(any_value(said), '') END AS system
    FROM (
        SELECT trace_id, n, model_asked, coalesce([m.content FOR m IN messages IF m.role = 'system'][1], '') AS said
        FROM (
            SELECT trace_id, unnest(call_ids) AS call_id, generate_subscripts(call_ids, 1) AS n
            FROM newest_traces
            WHERE len(call_ids) > 1
        )
        JOIN calls USING (call_id)
    )
    GROUP BY trace_id
)
SELECT
    'traces' AS line,
    d.fate,
    d.rank,
    d.attempt_id,
    t.trace_id,
    t.landed_at,
    t.question_id,
    q.source,
    q.licence,
    q.tags,
    q.text AS question,
    q.text AS instruction,
    '' AS input,
    q.gold,
    CASE WHEN len(t.call_ids) = 1 THEN c.system ELSE s.system END AS system,
    t.text,
    t.structure,
    t.reflections,
    t.answer,
    t.verdict,
    t.reason,
    t.effect,
    t.reflection_effects,
    n.ifd,
    n.rifd,
    CASE WHEN len(t.call_ids) = 1 THEN c.model_asked ELSE s.teacher END AS teacher
FROM judged_traces t
JOIN decided d USING (trace_id)
JOIN questions q ON q.question_id = t.question_id
LEFT JOIN (
    SELECT call_id, model_asked, nullif([m.content FOR m IN messages IF m.role = 'system'][1], '') AS system
    FROM calls
) c ON c.call_id = t.call_ids[1] AND len(t.call_ids) = 1
LEFT JOIN several s ON s.trace_id = t.trace_id
LEFT JOIN newest_score n ON n.subject_id = t.trace_id
UNION ALL BY NAME
SELECT
    'pairs' AS line,
    d.fate,
    d.rank,
    d.attempt_id,
    r.trace_id,
    r.landed_at,
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
    CASE WHEN c.scorer IS NULL THEN r.ifd ELSE n.ifd END AS ifd,
    CASE WHEN c.scorer IS NULL THEN r.rifd ELSE n.rifd END AS rifd,
    coalesce(r.teacher, 'none') AS teacher
FROM decided d
CROSS JOIN curation c
JOIN recycled_full r USING (attempt_id, trace_id)
LEFT JOIN newest_score n ON n.subject_id = r.trace_id
WHERE d.line = 'pairs'

-- One row per attempt that has a trace: its question, its verdict in force (judged_traces), its calls, and its newest
-- score by the student of the newest run. cost_usd and completion_tokens are those of the answers that landed, NULL where
-- one is unknown: an earlier send of the same call that may have been paid for counts in the cost of its run alone.
CREATE VIEW traces_full AS
WITH configured AS (
    SELECT unnest(scored_by)
    FROM runs
    WHERE scored_by IS NOT NULL
    ORDER BY landed_at DESC
    LIMIT 1
),
configured_score AS (
    SELECT scores.*
    FROM scores
    SEMI JOIN configured USING
        (student, student_revision, template_hash, definition, response_text, max_length, dtype)
),
superseded AS (
    SELECT score_id, landed_at
    FROM configured_score
    SEMI JOIN (SELECT subject_id FROM configured_score GROUP BY subject_id HAVING count(*) > 1) USING (subject_id)
    QUALIFY rank() OVER (PARTITION BY subject_id ORDER BY landed_at DESC, score_id) > 1
),
newest_score AS (
    FROM configured_score
    ANTI JOIN superseded USING (score_id, landed_at)
),
several_calls AS (
    -- most traces have one call, and are spared the grouping
    SELECT
        trace_id,
        arg_max(calls.model_asked, n) AS teacher,
        arg_min(calls.model_asked, n) AS drafter,
        count(*) AS n_calls,
        CASE WHEN bool_and(calls.cost_usd IS NOT NULL) THEN sum(calls.cost_usd) END AS cost_usd,
        CASE
            WHEN bool_and(calls.usage.completion_tokens IS NOT NULL) THEN sum(calls.usage.completion_tokens)
        END::BIGINT AS completion_tokens,
        arg_max(calls.finish_reason, n) AS finish_reason
    FROM (
        SELECT trace_id, unnest(call_ids) AS call_id, generate_subscripts(call_ids, 1) AS n
        FROM traces
        WHERE len(call_ids) > 1
    )
    JOIN calls USING (call_id)
    GROUP BY trace_id
)
SELECT
    t.trace_id,
    t.question_id,
    q.source,
    q.text AS question,
    q.gold,
    q.kind,
    q.tags,
    t.sample_index,
    CASE WHEN len(t.call_ids) = 1 THEN c.model_asked ELSE a.teacher END AS teacher,
    CASE WHEN len(t.call_ids) = 1 THEN c.model_asked ELSE a.drafter END AS drafter,
    t.structure,
    t.thinking,
    t.output,
    t.answer,
    t.verdict,
    t.reason,
    t.effect,
    t.effect_reason,
    t.reflection_effects,
    t.reflection_marks,
    t.evidence,
    t.answer_key,
    len(t.reflections) AS n_reflections,
    s.ifd,
    s.rifd,
    s.reason AS ifd_reason,
    s.rifd_reason,
    s.student,
    CASE WHEN len(t.call_ids) > 1 THEN a.n_calls WHEN c.call_id IS NOT NULL THEN 1 END AS n_calls,
    CASE WHEN len(t.call_ids) = 1 THEN c.cost_usd ELSE a.cost_usd END AS cost_usd,
    CASE WHEN len(t.call_ids) = 1 THEN c.finish_reason ELSE a.finish_reason END AS finish_reason,
    CASE WHEN len(t.call_ids) = 1 THEN c.usage.completion_tokens ELSE a.completion_tokens END AS completion_tokens,
    t.plan_id,
    t.attempt_id,
    t.text,
    t.landed_at
FROM judged_traces t
LEFT JOIN questions q USING (question_id)
LEFT JOIN calls c ON c.call_id = t.call_ids[1] AND len(t.call_ids) = 1
LEFT JOIN several_calls a ON a.trace_id = t.trace_id
LEFT JOIN newest_score s ON s.subject_id = t.trace_id;

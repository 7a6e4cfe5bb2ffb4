-- One row per original of every recycle plan, in the columns of attempts_full: where it stands, and what was chosen instead
-- of it, with the response as the text. attempt_id is a key over plan and original, question_id over instruction and
-- input, trace_id the pair's; unselected: why selection kept no version. A gold counts for the original's instruction only.
CREATE VIEW recycled_full AS
WITH bills AS (
    SELECT
        plan_id,
        original_id,
        count(*) AS n_calls,
        CASE WHEN bool_and(calls.cost_usd IS NOT NULL) THEN sum(calls.cost_usd) END AS cost_usd
    FROM (SELECT plan_id, original_id, unnest(call_ids) AS call_id FROM selections)
    JOIN calls USING (call_id)
    GROUP BY plan_id, original_id
)
SELECT
    o.plan_id,
    md5(o.plan_id || o.original_id) AS attempt_id,
    md5(concat_ws(chr(10), coalesce(p.instruction, o.instruction), coalesce(p.input, o.input))) AS question_id,
    o.source,
    []::VARCHAR[] AS tags,
    CASE WHEN x.original_id IS NULL THEN 'pending' WHEN x.fate = 'failed' THEN 'failed' ELSE 'judged' END AS standing,
    CASE WHEN x.original_id IS NULL THEN 'not_decided' WHEN x.fate = 'failed' THEN x.reason END AS standing_reason,
    CASE WHEN x.fate = 'dropped' THEN x.reason END AS unselected,
    p.pair_id AS trace_id,
    p.stage,
    coalesce(p.instruction, o.instruction) || CASE WHEN coalesce(p.input, o.input) <> '' THEN chr(10) || chr(10) ELSE '' END
        || coalesce(p.input, o.input) AS question,
    p.instruction,
    p.input,
    CASE WHEN p.stage IN ('original', 'A*') THEN o.gold END AS gold,
    0 AS sample_index,
    c.model_asked AS teacher,
    p.response AS text,
    p.response AS output,
    v.answer,
    CASE WHEN p.pair_id IS NOT NULL THEN coalesce(v.verdict, 'unverified') END AS verdict,
    CASE WHEN p.pair_id IS NOT NULL THEN coalesce(v.reason, 'no_gold') END AS reason,
    v.evidence,
    v.answer_key,
    'none' AS effect,
    s.ifd,
    s.rifd,
    s.reason AS ifd_reason,
    s.rifd_reason,
    s.student,
    b.n_calls,
    coalesce(b.cost_usd, CASE WHEN b.n_calls IS NULL THEN 0 END) AS cost_usd,
    c.usage.completion_tokens AS completion_tokens,
    0 AS n_reflections,
    p.landed_at
FROM originals o
LEFT JOIN selections x USING (plan_id, original_id)
LEFT JOIN pairs p ON p.plan_id = o.plan_id AND p.pair_id = x.chosen_id
LEFT JOIN scores s ON s.score_id = p.score_id
LEFT JOIN verdicts v ON v.verdict_id = p.verdict_id
LEFT JOIN calls c ON c.call_id = p.call_id
LEFT JOIN bills b ON b.plan_id = o.plan_id AND b.original_id = o.original_id;

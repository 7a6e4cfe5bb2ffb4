-- One row per version of an original in each recycle plan: its texts, the score and the verdict that decided, whether it
-- was chosen and why.
CREATE VIEW pairs_full AS
SELECT
    p.plan_id,
    p.original_id,
    o.source,
    o.external_id,
    p.pair_id,
    p.parent_id,
    p.stage,
    p.chosen,
    p.reason,
    p.instruction,
    p.input,
    p.response,
    p.critique,
    s.ifd,
    s.rifd,
    s.reason AS ifd_reason,
    s.rifd_reason,
    s.n_instruction_tokens,
    s.n_response_tokens,
    s.loss_response_conditioned,
    s.loss_response_direct,
    s.student,
    coalesce(v.verdict, 'unverified') AS verdict,
    coalesce(v.reason, 'no_gold') AS verdict_reason,
    v.answer,
    c.model_asked AS teacher,
    c.cost_usd
FROM pairs p
LEFT JOIN originals o USING (plan_id, original_id)
LEFT JOIN scores s ON s.score_id = p.score_id
LEFT JOIN verdicts v ON v.verdict_id = p.verdict_id
LEFT JOIN calls c ON c.call_id = p.call_id;

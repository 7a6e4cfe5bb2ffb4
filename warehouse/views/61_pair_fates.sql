-- Where every original of every recycle plan is: kept, dropped or failed with the reason, or pending; what came of each
-- reflection, and which version was in force in the end. In the order of the input: `position` is the number in `place`.
CREATE VIEW pair_fates AS
SELECT
    o.plan_id,
    o.original_id,
    o.source,
    o.external_id,
    o.place,
    CAST(nullif(regexp_extract(o.place, '\d+$'), '') AS BIGINT) AS position,
    coalesce(s.fate, 'pending') AS fate,
    coalesce(s.reason, 'not_decided') AS reason,
    s.stage,
    s.on_instruction,
    s.on_response,
    s.chosen_id,
    coalesce(s.difficulty, o.difficulty) AS difficulty
FROM originals o
LEFT JOIN selections s USING (plan_id, original_id)
ORDER BY o.plan_id, o.source, position;

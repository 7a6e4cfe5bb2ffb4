-- Where every original of every recycle plan is: kept, dropped or failed with the reason, or pending; what came of each
-- reflection, and which version was in force in the end; what the newest curation of pairs made of it, and the release. In
-- the order of the input: `position` is the number in `place`.
CREATE VIEW pair_fates AS
WITH numbered AS (
    SELECT curation_id, name, row_number() OVER (ORDER BY landed_at, curation_id) AS n
    FROM curations
),
decided AS (
    SELECT d.attempt_id, d.fate, d.rule, d.reason, c.name, c.curation_id
    FROM decisions d
    JOIN numbered c USING (curation_id)
    WHERE d.line = 'pairs'
    QUALIFY row_number() OVER (PARTITION BY d.attempt_id ORDER BY c.n DESC) = 1
),
released AS (
    SELECT curation_id, arg_max(name, (landed_at, release_id)) AS release
    FROM releases
    GROUP BY curation_id
)
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
    coalesce(s.difficulty, o.difficulty) AS difficulty,
    d.name AS curation,
    d.fate AS curation_fate,
    d.rule,
    d.reason AS curation_reason,
    r.release
FROM originals o
LEFT JOIN selections s USING (plan_id, original_id)
LEFT JOIN decided d ON d.attempt_id = md5(o.plan_id || o.original_id)
LEFT JOIN released r USING (curation_id)
ORDER BY o.plan_id, o.source, position;

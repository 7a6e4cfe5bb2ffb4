-- Where every planned attempt is now, and, once its plan has a release, its final outcome there.
CREATE VIEW fates AS
WITH newest_release AS (
    SELECT plan_id, name, trace_ids
    FROM releases
    QUALIFY row_number() OVER (PARTITION BY plan_id ORDER BY landed_at DESC, release_id) = 1
),
member AS (
    SELECT plan_id, unnest(trace_ids) AS trace_id
    FROM newest_release
)
SELECT
    a.plan_id,
    a.attempt_id,
    a.question_id,
    a.sample_index,
    f.source,
    f.trace_id,
    CASE
        WHEN f.trace_id IS NULL AND x.reason IS NOT NULL THEN 'failed'
        WHEN f.verdict IS NULL OR r.name IS NULL THEN 'pending'
        WHEN m.trace_id IS NULL THEN 'dropped'
        ELSE 'kept'
    END AS fate,
    CASE
        WHEN f.trace_id IS NULL AND x.reason IS NOT NULL THEN x.reason
        WHEN c.call_id IS NULL THEN 'no_call'
        WHEN f.trace_id IS NULL THEN 'no_trace'
        WHEN f.verdict IS NULL THEN 'no_verdict'
        WHEN r.name IS NULL THEN 'no_release'
        WHEN m.trace_id IS NULL THEN 'not_chosen'
        ELSE 'chosen'
    END AS fate_reason,
    f.verdict,
    r.name AS release
FROM attempts a
LEFT JOIN calls c USING (call_id)
LEFT JOIN traces_full f USING (attempt_id)
LEFT JOIN failures x USING (attempt_id)
LEFT JOIN newest_release r ON r.plan_id = a.plan_id
LEFT JOIN member m ON m.plan_id = a.plan_id AND m.trace_id = f.trace_id;

-- The fate of every planned attempt: kept, dropped, failed or pending, and why. What is judged is kept or dropped by the
-- newest curation that decided on its trace, and pending, not_curated, without one. One whose policy is asked again, and
-- decides as it did, stays as old as it was. rule: which of its rules dropped it;
-- release: what the curation became, if anything.
CREATE VIEW fates AS
WITH numbered AS (
    SELECT curation_id, name, row_number() OVER (ORDER BY landed_at, curation_id) AS n
    FROM curations
),
decided AS (
    SELECT d.attempt_id, d.trace_id, d.fate, d.reason, d.rule, c.name, c.curation_id, c.n
    FROM decisions d
    JOIN numbered c USING (curation_id)
    WHERE d.fate IN ('kept', 'dropped')
),
newest AS (
    FROM decided
    SEMI JOIN (SELECT attempt_id, max(n) AS n FROM decided GROUP BY attempt_id) USING (attempt_id, n)
),
released AS (
    SELECT curation_id, arg_max(name, (landed_at, release_id)) AS release
    FROM releases
    GROUP BY curation_id
)
SELECT
    a.plan_id,
    a.attempt_id,
    a.question_id,
    a.sample_index,
    a.source,
    a.trace_id,
    CASE WHEN a.standing = 'judged' THEN coalesce(n.fate, 'pending') ELSE a.standing END AS fate,
    CASE
        WHEN a.standing <> 'judged' THEN a.standing_reason
        WHEN n.attempt_id IS NULL THEN 'not_curated'
        ELSE n.reason
    END AS fate_reason,
    a.verdict,
    CASE WHEN a.standing = 'judged' THEN n.rule END AS rule,
    CASE WHEN a.standing = 'judged' THEN n.name END AS curation,
    r.release
FROM standings a
LEFT JOIN newest n ON n.attempt_id = a.attempt_id AND n.trace_id = a.trace_id
LEFT JOIN released r ON a.standing = 'judged' AND r.curation_id = n.curation_id;

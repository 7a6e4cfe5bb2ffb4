-- The fate of every planned attempt: kept, dropped, failed or pending, and why. What is judged is kept or dropped by the
-- newest curation that decided on its trace, and pending, not_curated, without one. rule: which of its rules dropped it;
-- release: what the curation became, if anything.
CREATE VIEW fates AS
WITH newest AS (
    SELECT attempt_id, arg_max({trace_id: trace_id, fate: fate, reason: reason, rule: rule, name: name, id: curation_id},
        (c.landed_at, c.curation_id)) AS decision
    FROM decisions d
    JOIN curations c USING (curation_id)
    WHERE d.fate IN ('kept', 'dropped')
    GROUP BY attempt_id
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
    CASE WHEN a.standing = 'judged' THEN coalesce(n.decision.fate, 'pending') ELSE a.standing END AS fate,
    CASE
        WHEN a.standing <> 'judged' THEN a.standing_reason
        WHEN n.decision IS NULL THEN 'not_curated'
        ELSE n.decision.reason
    END AS fate_reason,
    a.verdict,
    CASE WHEN a.standing = 'judged' THEN n.decision.rule END AS rule,
    CASE WHEN a.standing = 'judged' THEN n.decision.name END AS curation,
    r.release
FROM attempts_full a
LEFT JOIN newest n ON n.attempt_id = a.attempt_id AND n.decision.trace_id = a.trace_id
LEFT JOIN released r ON a.standing = 'judged' AND r.curation_id = n.decision.id;

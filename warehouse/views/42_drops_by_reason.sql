-- Why is an attempt not kept? Fates other than kept, with the rule and the reason, the most frequent first; `share` is of
-- all attempts, and `most_hit` the family that loses most by it. An attempt that several plans share counts once.
CREATE VIEW drops_by_reason AS
WITH found AS (
    SELECT attempt_id, any_value(source) AS source, any_value(fate) AS fate, any_value(rule) AS rule,
        any_value(fate_reason) AS reason
    FROM fates
    GROUP BY attempt_id
),
total AS (
    SELECT count(DISTINCT attempt_id) AS planned
    FROM attempts
)
SELECT
    fate,
    rule,
    reason,
    count(*) AS attempts,
    round(count(*) / any_value(planned), 4) AS share,
    count(DISTINCT source) AS families,
    mode(source ORDER BY source) AS most_hit
FROM found
CROSS JOIN total
WHERE fate <> 'kept'
GROUP BY fate, rule, reason
ORDER BY attempts DESC, fate, rule, reason;

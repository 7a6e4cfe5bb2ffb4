-- For each plan, where its attempts are. `planned` is counted before any join, so that a row that a join
-- lost or doubled shows, and a doubled key anywhere shows too: then `balanced` is false.
CREATE VIEW books AS
WITH planned AS (
    SELECT plan_id, count(*) AS planned
    FROM attempts
    GROUP BY plan_id
),
found AS (
    SELECT
        plan_id,
        count(*) FILTER (verdict IN ('correct', 'incorrect')) AS verified,
        count(*) FILTER (verdict = 'unverified') AS unverified,
        count(*) FILTER (standing = 'failed') AS failed,
        count(*) FILTER (standing = 'pending') AS pending
    FROM standings
    GROUP BY plan_id
),
doubled AS (
    SELECT count(*) AS doubled
    FROM doubled_keys
)
SELECT
    plan_id,
    planned,
    verified,
    unverified,
    failed,
    pending,
    doubled,
    planned = verified + unverified + failed + pending AND doubled = 0 AS balanced
FROM planned
JOIN found USING (plan_id)
CROSS JOIN doubled;

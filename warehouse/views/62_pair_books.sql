-- For each recycle plan, where its originals are. `planned` is counted before any join, so that a row that a join lost or
-- doubled shows, and a doubled key anywhere shows too: then `balanced` is false. So it is where more, or less, than one
-- version of a kept original is chosen, or any of another.
CREATE VIEW pair_books AS
WITH planned AS (
    SELECT plan_id, count(*) AS planned
    FROM originals
    GROUP BY plan_id
),
found AS (
    SELECT
        plan_id,
        count(*) FILTER (fate = 'kept') AS kept,
        count(*) FILTER (fate = 'dropped') AS dropped,
        count(*) FILTER (fate = 'failed') AS failed,
        count(*) FILTER (fate = 'pending') AS pending
    FROM pair_fates
    GROUP BY plan_id
),
chosen AS (
    SELECT plan_id, bool_and(versions = (fate = 'kept')::INTEGER) AS as_decided
    FROM (
        SELECT s.plan_id, s.original_id, s.fate, count(p.pair_id) AS versions
        FROM selections s
        LEFT JOIN pairs p ON p.plan_id = s.plan_id AND p.original_id = s.original_id AND p.chosen
        GROUP BY ALL
    )
    GROUP BY plan_id
),
doubled AS (
    SELECT count(*) AS doubled
    FROM doubled_keys
)
SELECT
    plan_id,
    planned,
    kept,
    dropped,
    failed,
    pending,
    doubled,
    planned = kept + dropped + failed + pending AND coalesce(as_decided, true) AND doubled = 0 AS balanced
FROM planned
JOIN found USING (plan_id)
LEFT JOIN chosen USING (plan_id)
CROSS JOIN doubled;

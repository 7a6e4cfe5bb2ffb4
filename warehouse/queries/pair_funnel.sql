SELECT step, n
FROM (
    SELECT
        count(*) AS originals,
        count(*) FILTER (fate <> 'pending') AS decided,
        count(*) FILTER (fate = 'kept') AS kept,
        count(*) FILTER (fate = 'kept' AND stage <> 'original') AS kept_and_changed
    FROM pair_fates
    WHERE plan_id = $plan_id
)
UNPIVOT (n FOR step IN (originals, decided, kept, kept_and_changed))

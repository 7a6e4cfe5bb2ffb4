WITH seen AS (
    SELECT fate, {column}::DOUBLE AS x
    FROM decided_full
    WHERE curation_id = $curation_id AND {column} IS NOT NULL AND fate IN ('kept', 'dropped')
),
ends AS (
    SELECT quantile_cont(x, 0.005) AS low, quantile_cont(x, 0.995) AS high
    FROM seen
)
SELECT
    low,
    high,
    greatest(0, least($last_bin, floor(coalesce($bins * (x - low) / nullif(high - low, 0), 0))))::INTEGER AS bin,
    count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped
FROM seen
CROSS JOIN ends
GROUP BY ALL
ORDER BY bin

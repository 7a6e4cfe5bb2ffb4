SELECT coalesce(teacher, 'no trace') AS teacher, source,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending,
    round(CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END, 6) AS cost_usd,
    round(CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END / nullif(kept, 0), 6) AS cost_usd_per_kept,
    CASE WHEN bool_and(paid_tokens IS NOT NULL) THEN sum(paid_tokens) END::BIGINT AS completion_tokens
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY ALL
ORDER BY teacher, source

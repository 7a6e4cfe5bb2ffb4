SELECT line,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending,
    round(kept / nullif(sum(count(*) FILTER (fate = 'kept')) OVER (), 0), 4) AS share
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY line
ORDER BY line DESC

SELECT source,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending,
    round(kept / planned, 4) AS kept_share
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY ALL
ORDER BY source

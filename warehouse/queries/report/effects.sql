SELECT coalesce(effect, effect_reason, 'no verdict') AS effect,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending,
    round(median(ifd), 3) AS median_ifd
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY ALL
ORDER BY planned DESC, effect

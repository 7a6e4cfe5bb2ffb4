SELECT coalesce(student, 'nobody') AS student, CASE WHEN ifd IS NULL THEN coalesce(ifd_reason, 'not scored') ELSE 'scored' END AS ifd,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY ALL
ORDER BY planned DESC, student, ifd

SELECT fate_reason AS reason, count(*) AS attempts
FROM decided_full
WHERE curation_id = $curation_id AND fate = 'dropped'
GROUP BY ALL
ORDER BY attempts DESC, reason
LIMIT 8

SELECT name, json_pretty(policy) AS policy
FROM curations
WHERE curation_id = $curation_id

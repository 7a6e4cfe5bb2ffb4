SELECT
    CASE WHEN r.ruling <> 'open' THEN r.ruling WHEN x.question_id IS NOT NULL THEN 'in dispute' ELSE 'undisputed' END
        AS standing,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending
FROM decided_full d
LEFT JOIN disputes x ON x.question_id = d.question_id
LEFT JOIN newest_rulings r ON r.question_id = d.question_id
WHERE curation_id = $curation_id
GROUP BY ALL
ORDER BY planned DESC, standing

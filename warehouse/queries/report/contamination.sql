SELECT
    CASE
        WHEN c.question_id IS NULL THEN 'no finding'
        WHEN c.convicted THEN 'contaminated'
        WHEN c.undecided THEN 'undecided'
        WHEN c.near THEN 'borderline'
        ELSE 'clean'
    END AS finding,
    count(*) AS planned, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped, count(*) FILTER (fate = 'failed') AS failed, count(*) FILTER (fate = 'pending') AS pending
FROM decided_full
LEFT JOIN (
    SELECT question_id, bool_or(contaminated) AS convicted, bool_or(contaminated IS NULL) AS undecided,
        bool_or(borderline) AS near
    FROM newest_contaminations
    GROUP BY question_id
) c USING (question_id)
WHERE curation_id = $curation_id
GROUP BY ALL
ORDER BY planned DESC, finding

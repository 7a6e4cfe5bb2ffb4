SELECT source, {steps}
FROM (
    SELECT place, unnest(step.by_source, recursive := true)
    FROM (
        SELECT unnest(funnel) AS step, generate_subscripts(funnel, 1) AS place
        FROM curations
        WHERE curation_id = $curation_id
    )
)
GROUP BY source
ORDER BY source

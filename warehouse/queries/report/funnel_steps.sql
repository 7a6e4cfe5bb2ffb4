SELECT step.rule, coalesce(list_sum([d.n FOR d IN step.dropped]), 0)::BIGINT AS dropped, step.remaining,
    array_to_string([d.reason || ' ' || d.n FOR d IN step.dropped], ', ') AS reasons
FROM (
    SELECT unnest(funnel) AS step, generate_subscripts(funnel, 1) AS place
    FROM curations
    WHERE curation_id = $curation_id
)
ORDER BY place

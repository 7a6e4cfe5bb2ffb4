SELECT coalesce(effect, 'not judged') AS effect, count(*) AS reflections, count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'dropped') AS dropped,
    count(*) FILTER (mark IS NOT NULL) AS decorative
FROM (
    SELECT fate, unnest(reflection_effects) AS effect, unnest(reflection_marks) AS mark
    FROM decided_full
    WHERE curation_id = $curation_id
)
GROUP BY ALL
ORDER BY reflections DESC, effect

SELECT fate, count(*) AS attempts, count({column}) AS with_value,
    round(quantile_cont({column}, 0), 0)::BIGINT AS lowest,
    round(quantile_cont({column}, 0.1), 0)::BIGINT AS q10,
    round(quantile_cont({column}, 0.25), 0)::BIGINT AS q25,
    round(quantile_cont({column}, 0.5), 0)::BIGINT AS median,
    round(quantile_cont({column}, 0.75), 0)::BIGINT AS q75,
    round(quantile_cont({column}, 0.9), 0)::BIGINT AS q90,
    round(quantile_cont({column}, 1), 0)::BIGINT AS highest
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY fate
ORDER BY fate = 'kept' DESC, fate

SELECT fate, count(*) AS attempts, count({column}) AS with_value,
    round(quantile_cont({column}, 0), 3) AS lowest,
    round(quantile_cont({column}, 0.1), 3) AS q10,
    round(quantile_cont({column}, 0.25), 3) AS q25,
    round(quantile_cont({column}, 0.5), 3) AS median,
    round(quantile_cont({column}, 0.75), 3) AS q75,
    round(quantile_cont({column}, 0.9), 3) AS q90,
    round(quantile_cont({column}, 1), 3) AS highest
FROM decided_full
WHERE curation_id = $curation_id
GROUP BY fate
ORDER BY fate = 'kept' DESC, fate

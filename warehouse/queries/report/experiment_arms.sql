SELECT
    left(experiment_id, 8) AS experiment,
    arm,
    round(avg(accuracy), 4) AS share,
    min(accuracy) AS lowest_seed,
    max(accuracy) AS highest_seed,
    count(*) AS n_seeds,
    any_value(n_items) AS n_questions,
    any_value(n_rows) AS n_rows,
    any_value(n_copies) AS n_copies_left_out,
    max(steps) AS n_steps,
    regexp_replace(any_value(student), '^/.*/', '') AS student
FROM experiments
WHERE release_content = $release_content
GROUP BY experiment_id, arm
ORDER BY experiment_id, share DESC, arm

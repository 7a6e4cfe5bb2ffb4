SELECT left(experiment_id, 8) AS experiment, arm, seed, accuracy AS share, loss, tokens_per_s, peak_mib
FROM experiments
WHERE release_content = $release_content
ORDER BY experiment_id, arm, seed

SELECT
    version,
    pairs,
    share_chosen,
    instruction_tokens,
    response_tokens,
    ifd,
    rifd,
    coherent,
    correct,
    incorrect,
    round((correct + incorrect) / pairs, 4) AS verified
FROM pair_statistics
WHERE plan_id = $plan_id
ORDER BY list_position(['original', 'Q*', 'A*', 'QA*', 'chosen'], version)

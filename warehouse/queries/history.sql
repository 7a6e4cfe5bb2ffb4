-- What the answered calls of one teacher have cost, in sums
SELECT count(*) AS calls,
    coalesce(sum(usage.prompt_tokens), 0) AS prompt_tokens,
    coalesce(sum(usage.completion_tokens), 0) AS completion_tokens,
    coalesce(sum(latency_s), 0) AS latency_s
FROM calls
WHERE endpoint = $endpoint AND model_asked = $model AND ended = 'answered'
    AND usage.prompt_tokens IS NOT NULL AND usage.completion_tokens IS NOT NULL

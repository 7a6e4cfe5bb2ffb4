-- What the answered calls of one teacher have cost, in sums; and how many of them runs have landed in how many seconds
WITH known AS (
    SELECT usage, landed_by, landed_at, tries
    FROM calls
    WHERE endpoint = $endpoint AND model_asked = $model AND ended = 'answered'
        AND usage.prompt_tokens IS NOT NULL AND usage.completion_tokens IS NOT NULL
), timed AS (
    SELECT count(*) AS calls, epoch(max(k.landed_at) - any_value(r.started_at)) AS wall_s
    FROM known AS k JOIN runs AS r ON r.run_id = k.landed_by
    WHERE k.tries > 0
    GROUP BY k.landed_by
)
SELECT count(*) AS calls,
    coalesce(sum(usage.prompt_tokens), 0) AS prompt_tokens,
    coalesce(sum(usage.completion_tokens), 0) AS completion_tokens,
    (SELECT coalesce(sum(calls), 0) FROM timed) AS timed_calls,
    (SELECT coalesce(sum(wall_s), 0) FROM timed) AS wall_s
FROM known

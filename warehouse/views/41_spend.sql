-- What was paid for? By day (UTC), family and teacher: calls, tokens, price, and the price of each trace that was kept.
-- An attempt that several plans share was paid for once. A call is booked on the day it landed, a kept trace on the day
-- of its first call. `unpriced` calls have no known cost and are missing in cost_usd, as those without usage are in the
-- tokens. Calls without a source belong to no attempt: those of a judging model and of recycled pairs.
CREATE VIEW spend AS
WITH asked AS (
    SELECT attempt_id, any_value(question_id) AS question_id, any_value(call_id) AS call_id
    FROM attempts
    GROUP BY attempt_id
),
later AS (
    SELECT unnest(call_ids[2:]) AS call_id, question_id
    FROM traces
    WHERE len(call_ids) > 1
    UNION ALL
    SELECT unnest(call_ids[2:]), question_id
    FROM failures
    JOIN asked USING (attempt_id)
    WHERE len(call_ids) > 1
),
kept AS (
    SELECT DISTINCT attempt_id
    FROM fates
    WHERE fate = 'kept'
),
owned AS (
    SELECT call_id, min(question_id) AS question_id, sum(n) AS kept
    FROM (
        SELECT call_id, question_id, (k.attempt_id IS NOT NULL)::INTEGER AS n
        FROM asked
        LEFT JOIN kept k USING (attempt_id)
        UNION ALL
        SELECT call_id, question_id, 0
        FROM later
    )
    GROUP BY call_id
)
SELECT
    (c.landed_at AT TIME ZONE 'UTC')::DATE AS day,
    q.source,
    c.model_asked AS teacher,
    count(*) AS calls,
    sum(c.usage.prompt_tokens)::BIGINT AS prompt_tokens,
    sum(c.usage.completion_tokens)::BIGINT AS completion_tokens,
    sum(c.cost_usd) AS cost_usd,
    count(*) FILTER (c.cost_usd IS NULL) AS unpriced,
    coalesce(sum(o.kept), 0)::BIGINT AS kept_traces,
    sum(c.cost_usd) / nullif(sum(o.kept), 0) AS usd_per_kept_trace
FROM calls c
LEFT JOIN owned o USING (call_id)
LEFT JOIN questions q ON q.question_id = o.question_id
GROUP BY ALL
ORDER BY day, source, teacher;

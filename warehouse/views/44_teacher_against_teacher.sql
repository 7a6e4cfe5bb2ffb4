-- Which of two teachers is better on the same questions? For each two of them and each family, only the questions of
-- which both have a verified trace: their pass rates (mean over questions), on how many questions each is ahead, and
-- what one trace costs of each.
CREATE VIEW teacher_against_teacher AS
WITH passed AS (
    SELECT
        question_id,
        source,
        teacher,
        avg((verdict = 'correct')::INTEGER) AS pass_rate,
        sum(cost_usd) AS cost_usd,
        count(cost_usd) AS priced
    FROM traces_full
    WHERE verdict IN ('correct', 'incorrect') AND teacher IS NOT NULL
    GROUP BY question_id, source, teacher
)
SELECT
    one.source,
    one.teacher AS teacher,
    other.teacher AS rival,
    count(*) AS questions,
    round(avg(one.pass_rate), 4) AS pass_rate,
    round(avg(other.pass_rate), 4) AS rival_pass_rate,
    count(*) FILTER (one.pass_rate > other.pass_rate) AS ahead,
    count(*) FILTER (one.pass_rate < other.pass_rate) AS behind,
    sum(one.cost_usd) / nullif(sum(one.priced), 0) AS usd_per_trace,
    sum(other.cost_usd) / nullif(sum(other.priced), 0) AS rival_usd_per_trace
FROM passed one
JOIN passed other ON other.question_id = one.question_id AND other.teacher > one.teacher
GROUP BY ALL
ORDER BY one.source, one.teacher, other.teacher;

-- Before and after, per recycle plan: originals, every version that a teacher made, and what was chosen. Lengths in the
-- student's tokens, perplexities of the response with and without its instruction, IFD and r-IFD; `coherent` is the share
-- whose IFD and r-IFD are both below 1, so that each side makes the other likelier.
CREATE VIEW pair_statistics AS
WITH versions AS (
    FROM (SELECT *, stage AS version FROM pairs_full)
    UNION ALL
    FROM (SELECT *, 'chosen' AS version FROM pairs_full WHERE chosen)
),
planned AS (
    SELECT plan_id, count(*) AS planned
    FROM originals
    WHERE bad IS NULL
    GROUP BY plan_id
)
SELECT
    plan_id,
    version,
    count(*) AS pairs,
    round(count(*) / any_value(planned), 4) AS share,
    round(count(*) FILTER (chosen) / any_value(planned), 4) AS share_chosen,
    round(avg(n_instruction_tokens), 1) AS instruction_tokens,
    round(avg(n_response_tokens), 1) AS response_tokens,
    round(median(exp(loss_response_direct)), 3) AS ppl_direct,
    round(median(exp(loss_response_conditioned)), 3) AS ppl_conditioned,
    round(avg(ifd), 4) AS ifd_mean,
    round(quantile_cont(ifd, 0.25), 4) AS ifd_q1,
    round(median(ifd), 4) AS ifd,
    round(quantile_cont(ifd, 0.75), 4) AS ifd_q3,
    round(avg(rifd), 4) AS rifd_mean,
    round(quantile_cont(rifd, 0.25), 4) AS rifd_q1,
    round(median(rifd), 4) AS rifd,
    round(quantile_cont(rifd, 0.75), 4) AS rifd_q3,
    round(count(*) FILTER (ifd < 1 AND rifd < 1) / nullif(count(ifd + rifd), 0), 4) AS coherent,
    count(*) FILTER (verdict = 'correct') AS correct,
    count(*) FILTER (verdict = 'incorrect') AS incorrect
FROM versions
JOIN planned USING (plan_id)
GROUP BY plan_id, version
ORDER BY plan_id, list_position(['original', 'Q*', 'A*', 'QA*', 'chosen'], version);

-- What each family of questions gave: traces, verdicts, the share of verified ones that is correct, the price (NULL
-- when that of any is unknown).
CREATE VIEW yield_by_source AS
SELECT
    source,
    count(*) AS traces,
    count(*) FILTER (verdict = 'correct') AS correct,
    count(*) FILTER (verdict = 'incorrect') AS incorrect,
    count(*) FILTER (verdict = 'unverified') AS unverified,
    count(*) FILTER (structure = 'ok') AS well_formed,
    count(*) FILTER (effect = 'corrected') AS corrected,
    count(*) FILTER (effect = 'harmed') AS harmed,
    round(correct / nullif(correct + incorrect, 0), 4) AS pass_rate,
    round(median(ifd), 4) AS median_ifd,
    CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END AS cost_usd
FROM traces_full
GROUP BY source
ORDER BY source;

SELECT
    count(*) AS planned,
    count(*) FILTER (fate = 'kept') AS kept,
    count(DISTINCT question_id) FILTER (fate = 'kept') AS questions,
    count(DISTINCT source) FILTER (fate = 'kept') AS families,
    count(*) FILTER (fate = 'kept' AND effect = 'corrected') AS corrected,
    count(*) FILTER (verdict = 'correct') / nullif(count(*) FILTER (verdict IN ('correct', 'incorrect')), 0)
        AS pass_rate,
    median(ifd) FILTER (fate = 'kept') AS median_ifd,
    CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END / nullif(kept, 0) AS cost_usd_per_kept
FROM decided_full
WHERE curation_id = $curation_id

-- One row per decision of every curation: what became of the attempt and why, its trace as in traces_full (or the chosen
-- pair of a recycled original, as in recycled_full: line says which) but with the scores of the student that the curation
-- went by, and what the calls of the attempt have cost, in USD and in completion tokens (paid_tokens; NULL where one
-- call's is unknown; an attempt that is still pending counts nothing). Everything in the report of a release is counted
-- from the rows of its curation.
CREATE VIEW decided_full AS
WITH paid AS (
    SELECT
        attempt_id,
        CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END AS cost_usd,
        CASE WHEN bool_and(usage.completion_tokens IS NOT NULL) THEN sum(usage.completion_tokens) END::BIGINT AS tokens
    FROM (
        SELECT attempt_id, unnest(call_ids) AS call_id FROM failures
        UNION ALL
        SELECT md5(plan_id || original_id), unnest(call_ids) FROM selections
    )
    JOIN calls USING (call_id)
    GROUP BY attempt_id
),
subjects AS (
    FROM traces_full
    UNION ALL BY NAME
    SELECT * EXCLUDE (standing, standing_reason, unselected, stage, instruction, input)
    FROM recycled_full
    WHERE trace_id IS NOT NULL
)
SELECT
    d.curation_id,
    d.attempt_id,
    d.question_id,
    d.source,
    d.fate,
    d.rule,
    d.reason AS fate_reason,
    d.duplicate_of,
    d.span AS fate_span,
    d.rank,
    coalesce(d.line, 'traces') AS line,
    CASE
        WHEN d.trace_id IS NOT NULL THEN f.cost_usd
        WHEN d.fate <> 'pending' AND p.attempt_id IS NOT NULL THEN p.cost_usd
        ELSE 0
    END AS cost_usd,
    CASE
        WHEN d.trace_id IS NOT NULL AND coalesce(d.line, 'traces') = 'traces' THEN f.completion_tokens
        WHEN d.fate <> 'pending' AND p.attempt_id IS NOT NULL THEN p.tokens
        ELSE 0
    END AS paid_tokens,
    len(f.text) AS characters,
    f.reason AS verdict_reason,
    d.trace_id,
    f.* EXCLUDE (trace_id, attempt_id, question_id, source, cost_usd, reason)
        REPLACE (
            CASE WHEN c.scorer IS NULL THEN f.ifd ELSE s.ifd END AS ifd,
            CASE WHEN c.scorer IS NULL THEN f.rifd ELSE s.rifd END AS rifd,
            CASE WHEN c.scorer IS NULL THEN f.ifd_reason ELSE s.ifd_reason END AS ifd_reason,
            CASE WHEN c.scorer IS NULL THEN f.rifd_reason ELSE s.rifd_reason END AS rifd_reason,
            CASE WHEN c.scorer IS NULL THEN f.student ELSE s.student END AS student
        )
FROM decisions d
LEFT JOIN curations c USING (curation_id)
LEFT JOIN subjects f USING (attempt_id, trace_id)
LEFT JOIN curation_scores s ON s.curation_id = d.curation_id AND s.subject_id = d.trace_id
LEFT JOIN paid p ON p.attempt_id = d.attempt_id;

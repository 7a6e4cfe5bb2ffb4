-- One row per decision of every curation: what became of the attempt and why, its trace as in traces_full, and what the
-- calls of the attempt have cost (NULL when one has no known price; an attempt that is still pending counts nothing).
-- Everything in the report of a release is counted from the rows of its curation.
CREATE VIEW decided_full AS
WITH paid_for_nothing AS (
    SELECT attempt_id, CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END AS cost_usd
    FROM (SELECT attempt_id, unnest(call_ids) AS call_id FROM failures)
    JOIN calls USING (call_id)
    GROUP BY attempt_id
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
    d.rank,
    CASE
        WHEN d.trace_id IS NOT NULL THEN f.cost_usd
        WHEN d.fate = 'failed' THEN p.cost_usd
        ELSE 0
    END AS cost_usd,
    len(f.text) AS characters,
    f.reason AS verdict_reason,
    d.trace_id,
    f.* EXCLUDE (trace_id, attempt_id, question_id, source, cost_usd, reason)
FROM decisions d
LEFT JOIN traces_full f USING (trace_id)
LEFT JOIN paid_for_nothing p ON p.attempt_id = d.attempt_id;

-- One row per attempt that has a trace: the trace that the newest grammar made of it.
CREATE VIEW newest_traces AS
WITH superseded AS (
    -- few attempts have more than one: ranking only those spares sorting every text
    SELECT trace_id, landed_at, true AS is_old
    FROM traces
    SEMI JOIN (SELECT attempt_id FROM traces GROUP BY attempt_id HAVING count(*) > 1) USING (attempt_id)
    QUALIFY rank() OVER (PARTITION BY attempt_id ORDER BY landed_at DESC, trace_id) > 1
)
SELECT t.*
FROM traces t
-- DuckDB takes an anti join to leave a fifth, and would keep the texts of all traces in a hash table above it
LEFT JOIN superseded s USING (trace_id, landed_at)
WHERE s.is_old IS NULL;

-- One row per attempt that has a trace: the trace that the newest grammar made of it.
CREATE VIEW newest_traces AS
WITH superseded AS (
    -- few attempts have more than one: ranking only those spares sorting every text
    SELECT trace_id, landed_at
    FROM traces
    SEMI JOIN (SELECT attempt_id FROM traces GROUP BY attempt_id HAVING count(*) > 1) USING (attempt_id)
    QUALIFY rank() OVER (PARTITION BY attempt_id ORDER BY landed_at DESC, trace_id) > 1
)
SELECT t.*
FROM traces t
ANTI JOIN superseded USING (trace_id, landed_at);

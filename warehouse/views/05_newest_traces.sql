-- One row per attempt that has a trace: the trace that the newest grammar made of it.
CREATE VIEW newest_traces AS
SELECT *
FROM traces
QUALIFY row_number() OVER (PARTITION BY attempt_id ORDER BY landed_at DESC, trace_id) = 1;

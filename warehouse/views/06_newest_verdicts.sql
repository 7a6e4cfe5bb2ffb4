-- One row per trace that has a verdict: the newest, as the verifier gave it, whatever became of its question since.
CREATE VIEW newest_verdicts AS
SELECT *
FROM verdicts
WHERE subject = 'trace'
QUALIFY row_number() OVER (PARTITION BY subject_id ORDER BY landed_at DESC, verdict_id) = 1;

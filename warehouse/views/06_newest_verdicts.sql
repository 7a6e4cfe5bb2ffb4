-- One row per trace that has a verdict: the newest, a judging model's only where there is no other, as the verifier gave it, whatever became of its question since.
CREATE VIEW newest_verdicts AS
SELECT *
FROM verdicts
WHERE subject = 'trace'
QUALIFY row_number() OVER (PARTITION BY subject_id ORDER BY verifier = 'judge', landed_at DESC, verdict_id) = 1;

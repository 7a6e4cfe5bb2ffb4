-- One row per trace that has a verdict: the newest, a judging model's only where there is no other, as the verifier gave it, whatever became of its question since.
CREATE VIEW newest_verdicts AS
WITH superseded AS (
    SELECT verdict_id, landed_at
    FROM verdicts
    SEMI JOIN (
        SELECT subject_id
        FROM verdicts
        WHERE subject = 'trace'
        GROUP BY subject_id
        HAVING count(*) > 1
    ) USING (subject_id)
    WHERE subject = 'trace'
    QUALIFY rank() OVER (PARTITION BY subject_id ORDER BY verifier = 'judge', landed_at DESC, verdict_id) > 1
)
SELECT v.*
FROM verdicts v
ANTI JOIN superseded USING (verdict_id, landed_at)
WHERE v.subject = 'trace';

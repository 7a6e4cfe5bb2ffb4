-- Whose scores counted when a curation decided? For each curation that names its scorer, what that student made of every
-- trace that it has scored, whoever is configured now.
CREATE VIEW curation_scores AS
WITH counted AS (
    SELECT
        c.curation_id, s.subject_id, s.student, s.ifd, s.rifd, s.reason AS ifd_reason, s.rifd_reason, s.score_id,
        s.landed_at
    FROM scores s
    JOIN (SELECT curation_id, unnest(scorer) FROM curations WHERE scorer IS NOT NULL) c USING
        (student, student_revision, template_hash, definition, response_text, max_length, dtype)
),
superseded AS (
    -- few traces are scored twice by one student: ranking only those spares grouping every score
    SELECT curation_id, score_id, landed_at
    FROM counted
    SEMI JOIN (SELECT curation_id, subject_id FROM counted GROUP BY ALL HAVING count(*) > 1) USING
        (curation_id, subject_id)
    QUALIFY rank() OVER (PARTITION BY curation_id, subject_id ORDER BY landed_at DESC, score_id) > 1
)
SELECT * EXCLUDE (score_id, landed_at)
FROM counted
ANTI JOIN superseded USING (curation_id, score_id, landed_at);

-- Whose scores counted when a curation decided? For each curation that names its scorer, what that student made of every
-- trace that it has scored, whoever is configured now.
CREATE VIEW curation_scores AS
SELECT curation_id, subject_id, student, unnest(newest)
FROM (
    SELECT
        c.curation_id,
        s.subject_id,
        any_value(s.student) AS student,
        arg_max(
            {'ifd': s.ifd, 'rifd': s.rifd, 'ifd_reason': s.reason, 'rifd_reason': s.rifd_reason}, s.landed_at
        ) AS newest
    FROM scores s
    JOIN (SELECT curation_id, unnest(scorer) FROM curations WHERE scorer IS NOT NULL) c USING
        (student, student_revision, template_hash, definition, response_text, max_length, dtype)
    GROUP BY c.curation_id, s.subject_id
);

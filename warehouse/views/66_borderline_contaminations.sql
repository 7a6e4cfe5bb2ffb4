-- Questions to look at beside the benchmark items that they resemble: undecided, or not convicted but near; the nearest
-- first. Not those that a detector convicts, nor pairs that the judge has told apart.
CREATE VIEW borderline_contaminations AS
SELECT c.question_id, c.score, c.detector, c.contaminated, q.text AS question, c.match_text, c.benchmark, c.match_id,
    c.evidence, q.source, c.check_id
FROM newest_contaminations AS c
JOIN questions AS q USING (question_id)
WHERE c.borderline
    AND NOT EXISTS (
        FROM newest_contaminations AS o
        WHERE o.question_id = c.question_id
            AND (o.contaminated OR (o.detector = 'judge' AND NOT o.borderline AND o.match_id = c.match_id))
    )
ORDER BY c.score DESC, c.question_id;

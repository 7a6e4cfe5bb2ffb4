-- Questions to look at beside the benchmark items that they resemble: undecided, or not convicted but near; the nearest
-- first. Not those that a detector convicts, nor pairs that the judge has told apart.
CREATE VIEW borderline_contaminations AS
WITH convicted AS (
    SELECT question_id
    FROM newest_contaminations
    WHERE contaminated
),
told_apart AS (
    SELECT question_id, match_id
    FROM newest_contaminations
    WHERE detector = 'judge' AND NOT borderline
)
SELECT
    question_id,
    score,
    detector,
    contaminated,
    question,
    match_text,
    benchmark,
    match_id,
    evidence,
    source,
    check_id
FROM newest_contaminations
ANTI JOIN convicted USING (question_id)
ANTI JOIN told_apart USING (question_id, match_id)
JOIN asked_questions USING (question_id)
WHERE borderline
ORDER BY score DESC, question_id, detector;

-- What was asked? One row per question, and one per instruction, with its input, of the pairs that recycle plans chose.
CREATE VIEW asked_questions AS
SELECT question_id, text AS question, source
FROM questions
UNION ALL
SELECT question_id, min(question), min(source)
FROM recycled_full
WHERE trace_id IS NOT NULL
GROUP BY question_id;

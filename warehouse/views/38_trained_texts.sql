-- What would a trainer see? One row per trace, and per pair that a recycle plan chose: its question and its text.
CREATE VIEW trained_texts AS
SELECT t.trace_id, t.question_id, q.text AS question, t.text
FROM traces t
LEFT JOIN questions q USING (question_id)
UNION ALL
SELECT trace_id, any_value(question_id), any_value(question), any_value(text)
FROM recycled_full
WHERE trace_id IS NOT NULL
GROUP BY trace_id;

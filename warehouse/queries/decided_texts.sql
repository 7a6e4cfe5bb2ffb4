SELECT p.place, t.text, q.text AS question, NULL AS instruction, NULL AS input
FROM traces t
JOIN placed p USING (trace_id, landed_at)
JOIN questions q ON q.question_id = t.question_id
UNION ALL BY NAME
SELECT p.place, r.text, r.question, r.instruction, r.input
FROM recycled_full r
JOIN placed p USING (attempt_id, trace_id)

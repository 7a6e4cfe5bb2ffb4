SELECT p.part, p.attempt_id, p.trace_id, q.text AS question, q.text AS instruction, '' AS input, t.text
FROM newest_traces t
JOIN placed p USING (trace_id)
JOIN questions q ON q.question_id = t.question_id
UNION ALL BY NAME
SELECT p.part, p.attempt_id, p.trace_id, r.question, r.instruction, r.input, r.text
FROM recycled_full r
JOIN placed p USING (attempt_id, trace_id)

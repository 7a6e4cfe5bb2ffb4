SELECT c.score, c.detector, coalesce(c.contaminated::VARCHAR, 'undecided') AS contaminated, q.text AS question,
    c.match_text AS benchmark_item, c.benchmark, c.evidence
FROM newest_contaminations c
JOIN (
    SELECT question_id, text FROM questions
    UNION ALL
    SELECT question_id, any_value(question) FROM recycled_full GROUP BY question_id
) q USING (question_id)
SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) d ON d.question_id = c.question_id
WHERE c.contaminated OR c.contaminated IS NULL OR c.borderline
ORDER BY c.contaminated DESC NULLS LAST, c.score DESC, c.contamination_id
LIMIT $listed

SELECT c.score, c.detector, coalesce(c.contaminated::VARCHAR, 'undecided') AS contaminated, q.question,
    c.match_text AS benchmark_item, c.benchmark, c.evidence
FROM newest_contaminations c
JOIN asked_questions q USING (question_id)
SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) d ON d.question_id = c.question_id
WHERE c.contaminated OR c.contaminated IS NULL OR c.borderline
ORDER BY c.contaminated DESC NULLS LAST, c.score DESC, c.contamination_id
LIMIT $listed

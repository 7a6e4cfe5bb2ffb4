SELECT question, gold, agreed_answer, n_agreeing, n_gold, n_verified, round(share, 2) AS share, source
FROM disputes
SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) USING (question_id)
ORDER BY share DESC, n_agreeing DESC, question_id
LIMIT $listed

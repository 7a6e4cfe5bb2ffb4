SELECT plan_id, planned, verified, unverified, failed, pending, doubled, balanced
FROM books
WHERE plan_id IN (
    SELECT plan_id
    FROM attempts
    SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) USING (attempt_id)
)
ORDER BY plan_id

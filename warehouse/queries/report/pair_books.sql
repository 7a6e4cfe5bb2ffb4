SELECT plan_id, planned, kept, dropped, failed, pending, doubled, balanced
FROM pair_books
WHERE plan_id IN (
    SELECT plan_id
    FROM recycled_full
    SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) USING (attempt_id)
)
ORDER BY plan_id

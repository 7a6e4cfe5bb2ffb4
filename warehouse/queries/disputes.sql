SELECT count(*) AS disputes
FROM disputes
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (question_id)

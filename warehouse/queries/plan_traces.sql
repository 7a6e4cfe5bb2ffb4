SELECT attempt_id, trace_id, source, structure, verdict, reason, effect, ifd, rifd
FROM traces_full
SEMI JOIN (FROM attempts WHERE plan_id = $plan_id) USING (attempt_id)

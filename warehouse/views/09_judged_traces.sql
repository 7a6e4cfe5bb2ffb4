-- One row per attempt that has a trace: the newest trace and its verdict in force. That is the newest (a judging model's
-- only where there is no other), but unverified where the question is in dispute, or a person replaced its gold or dropped
-- it; `verdicts` has it as it landed.
CREATE VIEW judged_traces AS
WITH overruled AS (
    SELECT question_id, 'disputed' AS why
    FROM disputes
    UNION ALL
    SELECT question_id, 'ruled_out'
    FROM newest_rulings
    WHERE ruling IN ('gold_replaced', 'question_dropped')
)
SELECT
    t.*,
    CASE WHEN v.verdict IS NOT NULL AND o.why IS NOT NULL THEN 'unverified' ELSE v.verdict END AS verdict,
    CASE WHEN v.verdict IS NOT NULL AND o.why IS NOT NULL THEN o.why ELSE v.reason END AS reason,
    CASE WHEN o.why IS NULL OR v.effect = 'none' THEN v.effect END AS effect,
    CASE WHEN o.why IS NULL OR v.effect = 'none' THEN v.effect_reason ELSE 'answer_unverified' END AS effect_reason,
    [CASE WHEN o.why IS NULL OR each = 'none' THEN each END FOR each IN v.reflection_effects] AS reflection_effects,
    v.reflection_marks,
    v.evidence,
    v.answer_key
FROM newest_traces t
LEFT JOIN newest_verdicts v ON v.subject_id = t.trace_id
LEFT JOIN overruled o ON o.question_id = t.question_id;

-- Which questions stand in a benchmark, and by what evidence? One row per question that any check convicts, with the
-- strongest match first named, and what became of its traces, or of its recycled pairs.
CREATE VIEW contaminated_questions AS
WITH convicted AS (
    SELECT
        question_id,
        list(DISTINCT detector ORDER BY detector) AS detectors,
        arg_max({benchmark: benchmark, match_id: match_id, match_text: match_text, evidence: evidence, score: score},
            (coalesce(score, 0), contamination_id)) AS best
    FROM newest_contaminations
    WHERE contaminated
    GROUP BY question_id
),
stood AS (
    SELECT question_id, count(DISTINCT attempt_id) AS attempts, count(DISTINCT attempt_id) FILTER (fate = 'kept') AS kept
    FROM (
        SELECT question_id, attempt_id, fate
        FROM fates
        UNION ALL
        SELECT r.question_id, r.attempt_id, f.curation_fate
        FROM recycled_full r
        JOIN pair_fates f ON md5(f.plan_id || f.original_id) = r.attempt_id
    )
    GROUP BY question_id
)
SELECT
    c.question_id,
    q.source,
    c.detectors,
    c.best.score AS score,
    q.question,
    c.best.match_text AS match_text,
    c.best.benchmark AS benchmark,
    c.best.match_id AS match_id,
    c.best.evidence AS evidence,
    coalesce(s.attempts, 0) AS attempts,
    coalesce(s.kept, 0) AS kept
FROM convicted c
JOIN asked_questions q USING (question_id)
LEFT JOIN stood s USING (question_id)
ORDER BY kept DESC, score DESC, c.question_id;

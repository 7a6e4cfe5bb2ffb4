-- Where does the teacher fail? Families by pass rate, the hardest first, over verified traces. A question is unsolved
-- when none of its verified traces is correct, solved when all are; `examples` names unsolved ones to look at. Many
-- unsolved ones and a good pass rate elsewhere point to wrong golds: see `disputes`.
CREATE VIEW hardest_families AS
WITH by_question AS (
    SELECT
        source,
        question_id,
        count(*) AS verified,
        count(*) FILTER (verdict = 'correct') AS correct
    FROM judged_traces
    LEFT JOIN questions USING (question_id)
    WHERE verdict IN ('correct', 'incorrect')
    GROUP BY source, question_id
)
SELECT
    source,
    round(sum(correct) / sum(verified), 4) AS pass_rate,
    count(*) AS questions,
    count(*) FILTER (correct = 0) AS unsolved,
    count(*) FILTER (correct > 0 AND correct < verified) AS sometimes,
    count(*) FILTER (correct = verified) AS solved,
    sum(verified)::BIGINT AS verified,
    min(question_id, 3) FILTER (correct = 0) AS examples
FROM by_question
GROUP BY source
ORDER BY pass_rate, source;

-- Questions whose verified samples agree with each other and not with the gold, the clearest first, for a person to rule
-- on (questions.rulings). A question has at least verifier.dispute_samples verified samples, and one wrong answer that
-- more of them give than any other wrong one: verifier.dispute_share of them all; or two at least, where none gives the
-- gold, although samples of its source are right so often that this has a chance below verifier.dispute_chance. The
-- three values are those of the newest run; base verdicts stay as landed.
CREATE VIEW disputes AS
WITH newest_run AS (
    SELECT configuration
    FROM runs
    ORDER BY started_at DESC
    LIMIT 1
),
rule AS (
    SELECT
        coalesce(any_value(json_extract_string(configuration, '$.verifier.dispute_samples'))::INTEGER, 3) AS samples,
        coalesce(any_value(json_extract_string(configuration, '$.verifier.dispute_share'))::DOUBLE, 2 / 3) AS share,
        coalesce(any_value(json_extract_string(configuration, '$.verifier.dispute_chance'))::DOUBLE, 0.01) AS chance
    FROM newest_run
),
verified AS (
    SELECT t.question_id, q.source, t.sample_index, t.trace_id, v.verdict, v.answer, v.answer_key
    FROM newest_traces t
    JOIN newest_verdicts v ON v.subject_id = t.trace_id
    JOIN questions q ON q.question_id = t.question_id
    WHERE v.verdict IN ('correct', 'incorrect') AND q.gold IS NOT NULL
),
by_source AS (
    SELECT source, count(*) AS n, count(*) FILTER (verdict = 'correct') AS n_correct
    FROM verified
    GROUP BY source
),
by_question AS (
    SELECT question_id, source, count(*) AS n_verified, count(*) FILTER (verdict = 'correct') AS n_gold
    FROM verified
    GROUP BY question_id, source
),
by_answer AS (
    SELECT
        question_id,
        first(answer ORDER BY sample_index, trace_id) AS agreed_answer,
        count(*) AS n_agreeing,
        list(trace_id ORDER BY sample_index, trace_id) AS trace_ids
    FROM verified
    WHERE verdict = 'incorrect' AND answer_key IS NOT NULL
    GROUP BY question_id, answer_key
),
agreed AS (
    SELECT *
    FROM by_answer
    QUALIFY
        n_agreeing = max(n_agreeing) OVER (PARTITION BY question_id)
        AND count(*) OVER (PARTITION BY question_id, n_agreeing) = 1
),
counted AS (
    SELECT
        a.question_id,
        b.source,
        q.text AS question,
        q.gold,
        a.agreed_answer,
        a.n_agreeing,
        b.n_gold,
        b.n_verified,
        a.n_agreeing / b.n_verified AS share,
        -- that all samples miss a right gold, by the rest of the source; ten misses more stand for what little it shows
        CASE WHEN b.n_gold = 0 THEN (1 - s.n_correct / (s.n - b.n_verified + 10)) ** b.n_verified END AS chance,
        a.trace_ids
    FROM agreed a
    JOIN by_question b USING (question_id)
    JOIN by_source s USING (source)
    JOIN questions q USING (question_id)
)
SELECT c.*
FROM counted c
CROSS JOIN rule r
ANTI JOIN (FROM newest_rulings WHERE ruling <> 'open') f ON f.question_id = c.question_id
WHERE
    c.n_verified >= r.samples
    AND (c.share >= r.share - 1e-9 OR (c.n_agreeing >= 2 AND c.chance < r.chance))
ORDER BY c.share DESC, c.n_agreeing DESC, c.question_id;

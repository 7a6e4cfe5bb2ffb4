-- Questions whose verified samples agree with each other and not with the gold, the clearest first, for a person to rule
-- on (questions.rulings). Such a question has at least verifier.dispute_samples verified samples. Either
-- verifier.dispute_share of them give one answer that is not the gold; or some do, at least two more than give the gold,
-- and by the pass rate of the rest of its source so few would give a right gold with a chance below
-- verifier.dispute_chance. The three values are those of the newest run that made traces; base verdicts stay as landed.
CREATE VIEW disputes AS
WITH newest_run AS (
    SELECT configuration
    FROM runs
    WHERE flow = 'synthesize'
    ORDER BY landed_at DESC
    LIMIT 1
),
rule AS (
    SELECT
        coalesce(any_value(json_extract_string(configuration, '$.verifier.dispute_samples'))::INTEGER, 3) AS samples,
        coalesce(any_value(json_extract_string(configuration, '$.verifier.dispute_share'))::DOUBLE, 2 / 3) AS share,
        coalesce(any_value(json_extract_string(configuration, '$.verifier.dispute_chance'))::DOUBLE, 0.02) AS chance
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
possible AS (
    -- if all that is not the gold agreed: few questions are left to look at closely
    SELECT question_id
    FROM by_question
    CROSS JOIN rule
    WHERE
        n_verified >= samples
        AND (n_verified - n_gold >= (share - 1e-9) * n_verified OR n_verified - n_gold >= n_gold + 2)
),
by_answer AS (
    SELECT
        question_id,
        answer_key,
        first(answer ORDER BY sample_index, trace_id) AS agreed_answer,
        count(*) AS n_agreeing,
        min(sample_index) AS first_sample,
        list(trace_id ORDER BY sample_index, trace_id) AS trace_ids
    FROM verified
    SEMI JOIN possible USING (question_id)
    WHERE verdict = 'incorrect' AND answer_key IS NOT NULL
    GROUP BY question_id, answer_key
),
agreed AS (
    SELECT *
    FROM by_answer
    QUALIFY row_number() OVER (PARTITION BY question_id ORDER BY n_agreeing DESC, first_sample, answer_key) = 1
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
        -- ten misses more than were seen, for how little a small source shows of its pass rate
        (s.n_correct - b.n_gold) / (s.n - b.n_verified + 10) AS pass_rate,
        a.trace_ids
    FROM agreed a
    JOIN by_question b USING (question_id)
    JOIN by_source s USING (source)
    JOIN questions q USING (question_id)
),
likely AS (
    SELECT
        * EXCLUDE (pass_rate),
        list_sum([
            exp(lgamma(n_verified + 1) - lgamma(k + 1) - lgamma(n_verified - k + 1))
            * pass_rate ** k * (1 - pass_rate) ** (n_verified - k)
            FOR k IN range(n_gold + 1)
        ]) AS chance
    FROM counted
)
SELECT l.*
FROM likely l
CROSS JOIN rule r
ANTI JOIN (FROM newest_rulings WHERE ruling <> 'open') f ON f.question_id = l.question_id
WHERE
    l.n_verified >= r.samples
    AND (l.share >= r.share - 1e-9 OR (l.n_agreeing >= l.n_gold + 2 AND l.chance < r.chance))
ORDER BY l.share DESC, l.n_agreeing DESC, l.question_id;

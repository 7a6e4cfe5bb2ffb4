-- What did the newest run change, beside the one before it? By family: questions that are new or gone, better or worse.
-- Runs that planned no attempts, as those of recycling, are passed over. changes_between() lists the questions, and
-- compares any other two runs.
CREATE VIEW run_changes AS
SELECT source, change, count(*) AS questions, min(question_id, 3) AS examples
FROM changes_between()
GROUP BY source, change
ORDER BY source, change;

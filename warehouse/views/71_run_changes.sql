-- What did the newest run change, beside the one before it? By family: questions that are new or gone, better or worse.
-- changes_between() lists them, and compares any other two runs.
CREATE VIEW run_changes AS
SELECT source, change, count(*) AS questions, min(question_id, 3) AS examples
FROM changes_between()
GROUP BY source, change
ORDER BY source, change;

-- Keys that stand more than once in a table where each may stand once. Empty in a sound warehouse.
CREATE VIEW doubled_keys AS
SELECT 'questions' AS table_name, question_id AS key, count(*) AS n FROM questions GROUP BY key HAVING n > 1
UNION ALL
SELECT 'draws', draw_id || question_id, count(*) AS n FROM draws GROUP BY draw_id, question_id HAVING n > 1
UNION ALL
SELECT 'attempts', plan_id || attempt_id AS key, count(*) AS n FROM attempts GROUP BY key HAVING n > 1
UNION ALL
SELECT 'calls', call_id AS key, count(*) AS n FROM calls GROUP BY key HAVING n > 1
UNION ALL
SELECT 'traces', trace_id AS key, count(*) AS n FROM traces GROUP BY key HAVING n > 1
UNION ALL
SELECT 'failures', attempt_id AS key, count(*) AS n FROM failures GROUP BY key HAVING n > 1
UNION ALL
SELECT 'verdicts', verdict_id AS key, count(*) AS n FROM verdicts GROUP BY key HAVING n > 1
UNION ALL
SELECT 'scores', score_id AS key, count(*) AS n FROM scores GROUP BY key HAVING n > 1
UNION ALL
SELECT 'rejected_rows', rejected_id AS key, count(*) AS n FROM rejected_rows GROUP BY key HAVING n > 1
UNION ALL
SELECT 'rulings', ruling_id AS key, count(*) AS n FROM rulings GROUP BY key HAVING n > 1
UNION ALL
SELECT 'signatures', method || trace_id, count(*) AS n FROM signatures GROUP BY method, trace_id HAVING n > 1
UNION ALL
SELECT 'curations', curation_id AS key, count(*) AS n FROM curations GROUP BY key HAVING n > 1
UNION ALL
SELECT 'decisions', curation_id || attempt_id, count(*) AS n FROM decisions GROUP BY curation_id, attempt_id HAVING n > 1
UNION ALL
SELECT 'contaminations', contamination_id AS key, count(*) AS n FROM contaminations GROUP BY key HAVING n > 1
UNION ALL
SELECT 'originals', plan_id || original_id AS key, count(*) AS n FROM originals GROUP BY key HAVING n > 1
UNION ALL
SELECT 'pairs', plan_id || pair_id AS key, count(*) AS n FROM pairs GROUP BY key HAVING n > 1
UNION ALL
SELECT 'selections', plan_id || original_id AS key, count(*) AS n FROM selections GROUP BY key HAVING n > 1
UNION ALL
SELECT 'releases', release_id AS key, count(*) AS n FROM releases GROUP BY key HAVING n > 1
UNION ALL
SELECT 'runs', run_id AS key, count(*) AS n FROM runs GROUP BY key HAVING n > 1
UNION ALL
SELECT 'experiments', case_id AS key, count(*) AS n FROM experiments GROUP BY key HAVING n > 1
UNION ALL
SELECT 'evaluations', evaluation_id AS key, count(*) AS n FROM evaluations GROUP BY key HAVING n > 1;

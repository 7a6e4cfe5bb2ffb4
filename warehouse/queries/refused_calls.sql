-- Of the calls that a run has landed: how many, how many the endpoint refused, and what it said most often.
SELECT count(*), count(*) FILTER (ended = 'refused'), mode(error) FILTER (ended = 'refused')
FROM calls WHERE landed_by = $run_id

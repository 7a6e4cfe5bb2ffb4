-- What each check found of each question: the newest row, so that a judge who failed at first is overruled by his answer.
CREATE VIEW newest_contaminations AS
SELECT *
FROM contaminations
QUALIFY row_number() OVER (PARTITION BY check_id, question_id ORDER BY landed_at DESC, contamination_id) = 1;

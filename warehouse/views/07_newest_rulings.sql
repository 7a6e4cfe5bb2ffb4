-- One row per question that a person has ruled on: the newest ruling. `open` means that there is none any more.
CREATE VIEW newest_rulings AS
SELECT *
FROM rulings
QUALIFY row_number() OVER (PARTITION BY question_id ORDER BY landed_at DESC, ruling_id) = 1;

-- What each check found of each question. Where a judge could not be reached at first and was later, only what he said.
CREATE VIEW newest_contaminations AS
SELECT *
FROM contaminations
WHERE contaminated IS NOT NULL OR NOT starts_with(evidence, 'judge_unavailable')
UNION ALL
SELECT *
FROM contaminations AS unheard
WHERE contaminated IS NULL
    AND starts_with(evidence, 'judge_unavailable')
    AND NOT EXISTS (
        FROM contaminations AS heard
        WHERE heard.check_id = unheard.check_id
            AND heard.question_id = unheard.question_id
            AND NOT starts_with(heard.evidence, 'judge_unavailable')
    );

-- What each student makes of the traces and pairs that it has scored.
SELECT
    student,
    template,
    definition,
    response_text AS response,
    dtype,
    count(*) AS scored,
    count(ifd) AS with_ifd,
    round(avg(ifd), 3) AS mean_ifd,
    round(avg(rifd), 3) AS mean_rifd
FROM scores
GROUP BY student, student_revision, template, template_hash, definition, response_text, max_length, dtype
ORDER BY min(landed_at), student, template

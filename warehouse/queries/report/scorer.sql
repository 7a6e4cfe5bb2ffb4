SELECT student, student_revision, template, template_hash, definition, response_text, max_length, dtype
FROM (SELECT unnest(scorer) FROM curations WHERE curation_id = $curation_id AND scorer IS NOT NULL)

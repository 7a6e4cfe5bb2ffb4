SELECT file.path AS file, file.rows, file.size AS bytes, file.sha256
FROM (SELECT unnest(files) AS file FROM releases WHERE name = $release_name)
ORDER BY file

-- How many titles are there of each type?
SELECT
    title_type,
    COUNT(*) AS titles
FROM imdb_titles
GROUP BY title_type
ORDER BY titles DESC, title_type ASC;

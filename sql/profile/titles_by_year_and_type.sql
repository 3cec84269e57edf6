-- How many titles of each type were released in each year?
SELECT
    release_year,
    title_type,
    COUNT(*) AS titles
FROM imdb_titles
WHERE release_year IS NOT NULL
GROUP BY release_year, title_type
ORDER BY release_year, title_type;

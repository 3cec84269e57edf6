-- How long is the median movie of each decade?
SELECT
    CAST(FLOOR(release_year / 10.0) * 10 AS INTEGER) AS decade,
    MEDIAN(runtime_minutes) AS median_minutes,
    COUNT(*) AS titles
FROM imdb_titles
WHERE
    title_type = 'movie'
    AND release_year IS NOT NULL
    AND runtime_minutes IS NOT NULL
GROUP BY CAST(FLOOR(release_year / 10.0) * 10 AS INTEGER)
ORDER BY decade;

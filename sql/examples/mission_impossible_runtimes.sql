-- How long are the Mission: Impossible movies?
SELECT
    primary_title,
    release_year,
    runtime_minutes
FROM imdb_titles
WHERE
    title_type = 'movie'
    AND primary_title LIKE 'Mission: Impossible%'
ORDER BY release_year;

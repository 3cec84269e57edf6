-- How many movies were released in 2004?
SELECT COUNT(*) AS movies
FROM imdb_titles
WHERE
    title_type = 'movie'
    AND release_year = 2004;

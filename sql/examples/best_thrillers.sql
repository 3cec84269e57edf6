-- Which 100 thrillers are rated 8 or higher?
SELECT
    primary_title,
    release_year,
    average_rating,
    num_votes
FROM imdb_titles
WHERE
    title_type = 'movie'
    AND genres LIKE '%Thriller%'
    AND average_rating >= 8
ORDER BY average_rating DESC, num_votes DESC, title_key ASC
LIMIT 100;

-- What is known of the title tt5071412?
SELECT
    primary_title,
    title_type,
    release_year,
    average_rating,
    num_votes
FROM imdb_titles
WHERE title_key = 'tt5071412';

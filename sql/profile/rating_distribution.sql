-- How are the ratings distributed, in steps of half a point?
SELECT
    FLOOR(average_rating * 2) / 2 AS rating_from,
    COUNT(*) AS titles
FROM imdb_titles
WHERE average_rating IS NOT NULL
GROUP BY FLOOR(average_rating * 2) / 2
ORDER BY rating_from;

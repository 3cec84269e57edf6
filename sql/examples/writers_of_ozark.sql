-- Who wrote Ozark?
SELECT
    primary_title,
    release_year,
    end_year,
    writers
FROM imdb_titles
WHERE
    title_type = 'tvSeries'
    AND primary_title = 'Ozark';

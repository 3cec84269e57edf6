-- The table imdb_titles from the four source views. Spark and DuckDB run this same text: it keeps to
-- the part of Spark SQL 3.5 that DuckDB runs with a few functions aliased by macros.
--
-- Reads   title_basics, title_crew, title_ratings, name_basics: the files' columns, all of them text,
--         null where the file holds \N.
-- Returns the columns of the contract in its order, then the columns named metric_*, which are
--         summed up for the manifest and never written.
WITH crew AS (
    SELECT
        tconst,
        array_remove(split(coalesce(directors, ''), ','), '') AS director_ids,
        array_remove(split(coalesce(writers, ''), ','), '') AS writer_ids
    FROM title_crew
),

-- Only the first 5 billed are named, so the lists are cut before they meet name_basics: the longest
-- hold over a thousand ids.
billing AS (
    SELECT
        tconst,
        size(director_ids) AS num_directors,
        size(writer_ids) AS num_writers,
        least(size(director_ids), 5) AS named_directors,
        slice(director_ids, 1, 5) || slice(writer_ids, 1, 5) AS billed_ids
    FROM crew
    WHERE size(director_ids) + size(writer_ids) > 0
),

position AS (
    SELECT
        tconst,
        num_directors,
        num_writers,
        named_directors,
        billed_ids,
        explode(sequence(1, size(billed_ids))) AS place
    FROM billing
),

-- Slots 1 to 5 are the directors, 6 to 10 the writers.
credit AS (
    SELECT
        tconst,
        num_directors,
        num_writers,
        size(billed_ids) AS names_looked_up,
        element_at(billed_ids, place) AS nconst,
        CASE WHEN place <= named_directors THEN place ELSE place - named_directors + 5 END AS slot
    FROM position
),

named_credit AS (
    SELECT
        credit.tconst,
        credit.num_directors,
        credit.num_writers,
        credit.names_looked_up,
        credit.slot,
        nullif(name_basics.primaryName, '') AS name
    FROM credit
    LEFT JOIN name_basics ON credit.nconst = name_basics.nconst
),

-- max() also settles a person who stands in name_basics twice: the greatest name, on every engine.
billed AS (
    SELECT
        tconst,
        max(num_directors) AS num_directors,
        max(num_writers) AS num_writers,
        max(CASE WHEN slot = 1 THEN name END) AS director_1,
        max(CASE WHEN slot = 2 THEN name END) AS director_2,
        max(CASE WHEN slot = 3 THEN name END) AS director_3,
        max(CASE WHEN slot = 4 THEN name END) AS director_4,
        max(CASE WHEN slot = 5 THEN name END) AS director_5,
        max(CASE WHEN slot = 6 THEN name END) AS writer_1,
        max(CASE WHEN slot = 7 THEN name END) AS writer_2,
        max(CASE WHEN slot = 8 THEN name END) AS writer_3,
        max(CASE WHEN slot = 9 THEN name END) AS writer_4,
        max(CASE WHEN slot = 10 THEN name END) AS writer_5,
        max(names_looked_up) AS names_looked_up,
        bit_count(bit_or(CASE WHEN name IS NOT NULL THEN shiftleft(1, slot) END)) AS names_found
    FROM named_credit
    GROUP BY tconst
),

-- The pattern first: a cast alone would let Spark trim ' 90' and DuckDB round '12.5'.
title AS (
    SELECT
        *,
        CASE WHEN regexp_like(startYear, '^-?[0-9]+$') THEN try_cast(startYear AS INT) END AS release_year,
        CASE WHEN regexp_like(endYear, '^-?[0-9]+$') THEN try_cast(endYear AS INT) END AS end_year,
        CASE WHEN regexp_like(runtimeMinutes, '^-?[0-9]+$') THEN try_cast(runtimeMinutes AS INT) END
            AS runtime_minutes
    FROM title_basics
),

rating AS (
    SELECT
        *,
        CASE WHEN regexp_like(averageRating, '^-?[0-9]+([.][0-9]+)?$') THEN try_cast(averageRating AS DOUBLE) END
            AS average_rating,
        CASE WHEN regexp_like(numVotes, '^-?[0-9]+$') THEN try_cast(numVotes AS INT) END AS num_votes
    FROM title_ratings
)

SELECT
    title.tconst AS title_key,
    substring(title.primaryTitle, 1, 200) AS primary_title,
    substring(title.originalTitle, 1, 200) AS original_title,
    title.titleType AS title_type,
    nullif(
        concat_ws(
            ',', billed.director_1, billed.director_2, billed.director_3, billed.director_4, billed.director_5
        ),
        ''
    ) AS directors,
    nullif(
        concat_ws(',', billed.writer_1, billed.writer_2, billed.writer_3, billed.writer_4, billed.writer_5),
        ''
    ) AS writers,
    title.genres,
    coalesce(billed.num_directors, 0) > 0 AS has_directors,
    coalesce(billed.num_writers, 0) > 0 AS has_writers,
    title.end_year IS NOT NULL AS has_ended,
    size(array_remove(split(coalesce(title.genres, ''), ','), '')) AS num_of_genres,
    title.release_year,
    title.end_year,
    rating.average_rating,
    rating.num_votes,
    title.runtime_minutes,
    coalesce(billed.num_directors, 0) AS num_directors,
    coalesce(billed.num_writers, 0) AS num_writers,
    coalesce(billed.names_looked_up, 0) AS metric_names_looked_up,
    coalesce(billed.names_looked_up - coalesce(billed.names_found, 0), 0) AS metric_names_missing,
    CASE WHEN title.startYear IS NOT NULL AND title.release_year IS NULL THEN 1 ELSE 0 END
        AS metric_unparsed_release_year,
    CASE WHEN title.endYear IS NOT NULL AND title.end_year IS NULL THEN 1 ELSE 0 END AS metric_unparsed_end_year,
    CASE WHEN title.runtimeMinutes IS NOT NULL AND title.runtime_minutes IS NULL THEN 1 ELSE 0 END
        AS metric_unparsed_runtime_minutes,
    CASE WHEN rating.averageRating IS NOT NULL AND rating.average_rating IS NULL THEN 1 ELSE 0 END
        AS metric_unparsed_average_rating,
    CASE WHEN rating.numVotes IS NOT NULL AND rating.num_votes IS NULL THEN 1 ELSE 0 END
        AS metric_unparsed_num_votes
FROM title
LEFT JOIN billed ON title.tconst = billed.tconst
LEFT JOIN rating ON title.tconst = rating.tconst

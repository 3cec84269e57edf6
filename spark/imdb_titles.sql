-- The table imdb_titles from the four source views. Spark and DuckDB run this same text: it keeps to
-- the part of Spark SQL 3.5 that DuckDB runs with a few functions aliased by macros.
--
-- Reads   title_basics, title_crew, title_ratings, name_basics: the files' columns, all of them text,
--         null where the file holds \N. A nconst stands once in name_basics.
-- Makes   the views title, rating and billed, each with one row for a tconst, and named_credit, with one for
--         each person named with a title. An engine may keep a view as a table.
-- Returns the columns of the contract in its order.
--
-- The views' columns named metric_* are for the manifest alone: each engine sums them up over the view.
--
-- The hints are Spark's. A joined table is the smaller one and is built into a hash table of a partition, which
-- saves sorting both sides; credits are put together by title before they are grouped, for a group begun
-- before that is packed and unpacked once more.

-- The pattern first: a cast alone would let Spark trim ' 90' and DuckDB round '12.5'.
CREATE OR REPLACE TEMPORARY VIEW title AS
WITH parsed AS (
    SELECT
        *,
        CASE WHEN regexp_like(startYear, '^-?[0-9]+$') THEN try_cast(startYear AS INT) END AS release_year,
        CASE WHEN regexp_like(endYear, '^-?[0-9]+$') THEN try_cast(endYear AS INT) END AS end_year,
        CASE WHEN regexp_like(runtimeMinutes, '^-?[0-9]+$') THEN try_cast(runtimeMinutes AS INT) END
            AS runtime_minutes
    FROM title_basics
)

-- What has no more than 200 bytes has no more characters, and is not copied.
SELECT
    tconst,
    titleType,
    CASE WHEN octet_length(primaryTitle) > 200 THEN substring(primaryTitle, 1, 200) ELSE primaryTitle END
        AS primary_title,
    CASE WHEN octet_length(originalTitle) > 200 THEN substring(originalTitle, 1, 200) ELSE originalTitle END
        AS original_title,
    genres,
    release_year,
    end_year,
    runtime_minutes,
    CASE WHEN startYear IS NOT NULL AND release_year IS NULL THEN 1 ELSE 0 END AS metric_unparsed_release_year,
    CASE WHEN endYear IS NOT NULL AND end_year IS NULL THEN 1 ELSE 0 END AS metric_unparsed_end_year,
    CASE WHEN runtimeMinutes IS NOT NULL AND runtime_minutes IS NULL THEN 1 ELSE 0 END
        AS metric_unparsed_runtime_minutes
FROM parsed;

CREATE OR REPLACE TEMPORARY VIEW rating AS
WITH parsed AS (
    SELECT
        *,
        CASE WHEN regexp_like(averageRating, '^-?[0-9]+([.][0-9]+)?$') THEN try_cast(averageRating AS DOUBLE) END
            AS average_rating,
        CASE WHEN regexp_like(numVotes, '^-?[0-9]+$') THEN try_cast(numVotes AS INT) END AS num_votes
    FROM title_ratings
)

SELECT
    tconst,
    average_rating,
    num_votes,
    CASE WHEN averageRating IS NOT NULL AND average_rating IS NULL THEN 1 ELSE 0 END
        AS metric_unparsed_average_rating,
    CASE WHEN numVotes IS NOT NULL AND num_votes IS NULL THEN 1 ELSE 0 END AS metric_unparsed_num_votes
FROM parsed;

CREATE OR REPLACE TEMPORARY VIEW named_credit AS
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
),

-- A slice and not sequence(1, size), which counts down where a title has nobody.
position AS (
    SELECT
        tconst,
        num_directors,
        num_writers,
        named_directors,
        billed_ids,
        explode(slice(sequence(1, 10), 1, size(billed_ids))) AS place
    FROM billing
),

credit AS (
    SELECT
        tconst,
        num_directors,
        num_writers,
        place,
        place <= named_directors AS is_director,
        element_at(billed_ids, place) AS nconst
    FROM position
)

-- The place goes before the name as one character, so that sorting a title's names puts them in the order
-- of billing. A person without a name counts as not found.
SELECT /*+ shuffle_hash(name_basics), repartition(tconst) */
    credit.tconst,
    credit.num_directors,
    credit.num_writers,
    credit.is_director,
    chr(cast(credit.place + 48 AS INT)) || nullif(name_basics.primaryName, '') AS placed_name
FROM credit
LEFT JOIN name_basics ON credit.nconst = name_basics.nconst;

-- One list for each role and not one column for each place: a group's state is then as small as its names.
CREATE OR REPLACE TEMPORARY VIEW billed AS
WITH grouped AS (
    SELECT
        tconst,
        max(num_directors) AS num_directors,
        max(num_writers) AS num_writers,
        collect_list(CASE WHEN is_director THEN placed_name END) AS placed_directors,
        collect_list(CASE WHEN NOT is_director THEN placed_name END) AS placed_writers
    FROM named_credit
    GROUP BY tconst
)

-- The places go again. No name holds a tab: it is what parts the files' fields. Most lists hold one name.
SELECT
    tconst,
    num_directors,
    num_writers,
    CASE
        WHEN num_directors > 1
            THEN substring(regexp_replace(array_join(array_sort(placed_directors), chr(9)), chr(9) || '.', ','), 2)
        ELSE substring(array_join(placed_directors, ''), 2)
    END AS directors,
    CASE
        WHEN num_writers > 1
            THEN substring(regexp_replace(array_join(array_sort(placed_writers), chr(9)), chr(9) || '.', ','), 2)
        ELSE substring(array_join(placed_writers, ''), 2)
    END AS writers,
    least(num_directors, 5) + least(num_writers, 5) AS metric_names_looked_up,
    least(num_directors, 5) + least(num_writers, 5)
    - coalesce(size(placed_directors), 0) - coalesce(size(placed_writers), 0) AS metric_names_missing
FROM grouped;

SELECT /*+ shuffle_hash(billed, rating) */
    title.tconst AS title_key,
    title.primary_title,
    title.original_title,
    title.titleType AS title_type,
    nullif(billed.directors, '') AS directors,
    nullif(billed.writers, '') AS writers,
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
    coalesce(billed.num_writers, 0) AS num_writers
FROM title
LEFT JOIN billed ON title.tconst = billed.tconst
LEFT JOIN rating ON title.tconst = rating.tconst

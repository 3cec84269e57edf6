-- The functions of Spark SQL that imdb_titles.sql uses and DuckDB names otherwise.
CREATE OR REPLACE TEMP MACRO array_join(list, separator) AS array_to_string(list, separator);
CREATE OR REPLACE TEMP MACRO array_remove(list, item) AS list_filter(list, LAMBDA x: x <> item);
CREATE OR REPLACE TEMP MACRO array_sort(list) AS list_sort(list);
CREATE OR REPLACE TEMP MACRO collect_list(value) AS string_split(string_agg(value, chr(9)), chr(9));
CREATE OR REPLACE TEMP MACRO element_at(list, place) AS list_extract(list, place);
CREATE OR REPLACE TEMP MACRO explode(list) AS unnest(list);
CREATE OR REPLACE TEMP MACRO octet_length(value) AS strlen(value);
CREATE OR REPLACE TEMP MACRO regexp_like(value, pattern) AS regexp_matches(value, pattern);
CREATE OR REPLACE TEMP MACRO regexp_replace(value, pattern, replacement)
AS system.main.regexp_replace(value, pattern, replacement, 'g');
CREATE OR REPLACE TEMP MACRO sequence(first, last) AS generate_series(first::INTEGER, last::INTEGER);
CREATE OR REPLACE TEMP MACRO size(list) AS len(list)::INTEGER;
CREATE OR REPLACE TEMP MACRO slice(list, first, length) AS list_slice(list, first, first + length - 1);

"""What Redshift's views tell of past queries and loads; the runner writes the tables behind them."""

HISTORY_VIEWS = r"""
CREATE TABLE IF NOT EXISTS bed.queries (query_id bigint, query_label text, session_id integer, query_type text,
  status text, start_time timestamp, end_time timestamp, error_message text, returned_rows bigint, query_text text);
CREATE TABLE IF NOT EXISTS bed.loads (query_id bigint, session_id integer, status text, table_name text,
  start_time timestamp, end_time timestamp, data_source text, loaded_rows bigint, file_count integer,
  file_bytes bigint, error_count integer);
CREATE TABLE IF NOT EXISTS bed.load_errors (query_id bigint, session_id integer, table_id integer, file_name text,
  line_number bigint, column_name text, column_type text, column_length text, error_code integer, error_message text,
  start_time timestamp DEFAULT now());
CREATE OR REPLACE VIEW bed.sys_query_history AS SELECT 100 AS user_id, query_id, query_label,
  0::bigint AS transaction_id, session_id, CAST(current_database() AS text) AS database_name, query_type, status,
  false AS result_cache_hit, start_time, end_time,
  CAST(extract(epoch FROM end_time - start_time) * 1000000 AS bigint) AS elapsed_time, 0::bigint AS queue_time,
  CAST(extract(epoch FROM end_time - start_time) * 1000000 AS bigint) AS execution_time, error_message, returned_rows,
  0::bigint AS returned_bytes, left(query_text, 4000) AS query_text, 'primary'::text AS compute_type FROM bed.queries;
CREATE OR REPLACE VIEW bed.sys_load_history AS SELECT 100 AS user_id, query_id, 0::bigint AS transaction_id,
  session_id, CAST(current_database() AS text) AS database_name, status, table_name, start_time, end_time,
  CAST(extract(epoch FROM end_time - start_time) * 1000000 AS bigint) AS duration, data_source,
  'parquet'::text AS file_format, loaded_rows, file_bytes AS loaded_bytes, file_count AS source_file_count,
  file_bytes AS source_file_bytes, file_count AS file_count_scanned, file_bytes AS file_bytes_scanned, error_count
  FROM bed.loads;
CREATE OR REPLACE VIEW bed.sys_load_error_detail AS SELECT 100 AS user_id, query_id, 0::bigint AS transaction_id,
  session_id, CAST(current_database() AS text) AS database_name, table_id, start_time, file_name, line_number,
  column_name, column_type, column_length, 0 AS position, error_code, error_message FROM bed.load_errors;
CREATE OR REPLACE VIEW bed.stl_load_errors AS SELECT 100 AS userid, 0 AS slice, table_id AS tbl,
  start_time AS starttime, session_id AS session, query_id AS query, file_name AS filename, line_number,
  column_name AS colname, column_type AS type, column_length AS col_length, 0 AS position, ''::text AS raw_line,
  ''::text AS raw_field_value, error_code AS err_code, error_message AS err_reason FROM bed.load_errors;
"""

"""The Data API's look at the catalogue: databases, schemas, tables and columns, answered at once."""

from moto.core.responses import ActionResult, BaseResponse

from aws_bed.redshift_data_checks import invalid, page_of

_TYPES = {"character varying": "varchar", "character": "bpchar", "integer": "int4", "bigint": "int8"}
_TYPES |= {"smallint": "int2", "double precision": "float8", "real": "float4", "boolean": "bool"}
_TYPES |= {"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz"}


class CatalogResponse(BaseResponse):
    """ListDatabases, ListSchemas, ListTables and DescribeTable."""

    def list_databases(self) -> ActionResult:
        """ListDatabases."""
        found = self._query(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
        )
        return self._paged("Databases", [name for (name,) in found])

    def list_schemas(self) -> ActionResult:
        """ListSchemas by pattern."""
        found = self._query(
            "SELECT nspname FROM pg_namespace WHERE nspname <> 'bed' AND nspname !~ '^pg_(toast|temp)'"
            " AND nspname LIKE %s ORDER BY 1",
            self._get_param("SchemaPattern") or "%",
        )
        return self._paged("Schemas", [name for (name,) in found])

    def list_tables(self) -> ActionResult:
        """ListTables by patterns."""
        found = self._query(
            "SELECT CAST(c.relname AS text), CASE c.relkind WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END,"
            " CAST(n.nspname AS text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v') AND n.nspname NOT IN ('bed', 'pg_catalog', 'information_schema')"
            " AND n.nspname !~ '^pg_(toast|temp)' AND n.nspname LIKE %s AND c.relname LIKE %s ORDER BY 3, 1",
            self._get_param("SchemaPattern") or "%",
            self._get_param("TablePattern") or "%",
        )
        return self._paged("Tables", [dict(zip(("name", "type", "schema"), row)) for row in found])

    def describe_table(self) -> ActionResult:
        """DescribeTable: the columns in the table's order; a table that is not there has none."""
        table, schema = self._get_param("Table"), self._get_param("Schema")
        found = self._query(
            "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default,"
            " coalesce(character_maximum_length, 0), coalesce(numeric_precision, character_maximum_length, 0),"
            " coalesce(numeric_scale, 0) FROM svv_columns WHERE table_name LIKE coalesce(%s, '%%')"
            " AND table_schema LIKE coalesce(%s, '%%') ORDER BY 1, 2, ordinal_position",
            table,
            schema,
        )
        columns = [_column_of(*row) for row in found]
        return self._paged("ColumnList", columns, {"TableName": table} if table else {})

    def _query(self, text: str, *values: str | None) -> list[tuple]:
        origin = {name: self._get_param(name) for name in ("ClusterIdentifier", "WorkgroupName")}
        if bool(origin["ClusterIdentifier"]) == bool(origin["WorkgroupName"]):
            raise invalid("Exactly one of ClusterIdentifier and WorkgroupName must be given")
        database = self._get_param("Database")
        if not database:
            raise invalid("Database is a required parameter")
        self._endpoint(origin)
        with self.runner.databases.connect(database, autocommit=True) as connection:
            return connection.execute(text, values).fetchall()

    def _paged(self, member: str, found: list, others: dict | None = None) -> ActionResult:
        size = self._get_int_param("MaxResults") or 1000
        if size > 1000:
            raise invalid("MaxResults must be between 0 and 1000")
        page, more = page_of(found, self._get_param("NextToken"), size, member)
        return ActionResult({member: page, **(others or {}), **more})


def _column_of(
    schema: str,
    table: str,
    name: str,
    type_name: str,
    is_nullable: str,
    default: str | None,
    length: int,
    precision: int,
    scale: int,
) -> dict:
    shown = _TYPES.get(type_name, type_name)
    return {
        "schemaName": schema,
        "tableName": table,
        "name": name,
        "label": name,
        "typeName": shown,
        "length": length,
        "precision": precision,
        "scale": scale,
        "nullable": int(is_nullable == "YES"),
        "isSigned": shown in {"int2", "int4", "int8", "float4", "float8", "numeric"},
        "isCurrency": False,
        "isCaseSensitive": shown in {"varchar", "bpchar"},
        **({} if default is None else {"columnDefault": default}),
    }

"""Build the table imdb_titles with Spark: IMDb's four TSV files in, one run of Parquet files out.

    spark-submit imdb_titles.py --input DIR --output DIR --run-id ID

DIR is anything Hadoop's file systems know: a local folder, s3://bucket/prefix, s3a://bucket/prefix.
imdb_titles.sql and imdb_datasets.json lie beside this file, or come with spark-submit --files.

The run is written to OUTPUT/run=ID/ with manifest.json last. A run that is whole is not written again;
what an attempt that was killed has left is. A failure that a person can mend is told on standard output
as one line, `failure: {...}`, with the fields of the pipeline's own errors.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from py4j.java_gateway import is_instance_of
from pyspark import SparkFiles
from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812  (Spark's own documentation calls it F)

TABLE = "imdb_titles"
BYTE_ORDER_MARK = "\ufeff"
SHOWN_DUPLICATES = 20
# Of a key's number. IMDb's of 2026 have eight; a longer one is cut and looks like another.
MOST_DIGITS = 9
OBJECT_STORES = ("s3", "s3a", "s3n")
METRIC_PREFIX = "metric_"
# Up to so many columns, cutting those that are wanted out of a record costs less than splitting it.
FEW_COLUMNS = 6
# Those who observe are told before the written result is.
OBSERVED_SECONDS = 5
VIEW_NAME = r"\bTEMPORARY VIEW (\w+) AS\b"
CONTRACT_TYPES = {"string": "varchar", "boolean": "boolean", "int": "integer", "double": "double"}


class Failure(Exception):  # noqa: N818  (it is the pipeline's PipelineFailure)
    """A failure that a person can mend; the fields are those of PipelineFailure in errors.ts."""

    def __init__(self, kind: str, what: str, where: str, why: str, next: str):
        super().__init__(what)
        self.fields = {
            "kind": kind,
            "what": what,
            "where": where,
            "why": why,
            "done": "Nothing was published.",
            "next": next,
        }


class Source(NamedTuple):
    """One of the four files: where it is, what it should hold, and what the file system says of it.

    The etag is an object store's word for the file's revision, None elsewhere.
    """

    dataset: str
    path: str
    columns: list[str]
    bytes: int
    modified: str
    etag: str | None


class Audit(NamedTuple):
    """What one pass over a source found."""

    rows: int
    rejects: int
    duplicate_keys: int


def companion(name: str) -> Path:
    """A file that lies beside this script, or that spark-submit --files brought."""
    beside = Path(__file__).resolve().parent / name
    return beside if beside.exists() else Path(SparkFiles.get(name))


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, the form JavaScript's toISOString gives."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refuse_missing_folder(spark: SparkSession, folder: str) -> None:
    """Tell a folder that is not there as one failure, and not as that of the first file."""
    path = hadoop_path(spark, folder)
    if not path.getFileSystem(spark._jsc.hadoopConfiguration()).exists(path):
        raise Failure(
            "bad-input",
            "The input folder cannot be read",
            folder,
            "there is nothing of this name",
            "Check the path and its rights.",
        )


def find_source(spark: SparkSession, folder: str, dataset: str, columns: list[str]) -> Source:
    """The dataset's file in the folder, .tsv or .tsv.gz, with its header checked."""
    found = []
    for extension in (".tsv", ".tsv.gz"):
        path = hadoop_path(spark, f"{folder.rstrip('/')}/{dataset}{extension}")
        file_system = path.getFileSystem(spark._jsc.hadoopConfiguration())
        if file_system.exists(path):
            found.append(file_system.getFileStatus(path))
    if len(found) != 1:
        raise Failure(
            "bad-input",
            f"{dataset} cannot be read",
            folder,
            "the file is missing" if not found else "it is there twice, as .tsv and as .tsv.gz",
            f"Put exactly one of {dataset}.tsv and {dataset}.tsv.gz into the folder.",
        )
    status = found[0]
    modified = datetime.fromtimestamp(status.getModificationTime() / 1000, timezone.utc)
    path, etag = status.getPath().toString(), etag_of(spark, status)
    source = Source(dataset, path, columns, status.getLen(), iso_utc(modified), etag)
    first = read_lines(spark, source).select("value").head()
    header = "" if first is None else first.value.removeprefix(BYTE_ORDER_MARK).removesuffix("\r")
    if header != "\t".join(columns):
        raise Failure(
            "bad-input",
            f"{dataset} has not the header of IMDb's file",
            source.path,
            "the file is empty" if first is None else f"the first line is {header[:200]!r}",
            f"Get the file anew; its first line must be {'<tab>'.join(columns)}.",
        )
    return source


def etag_of(spark: SparkSession, status) -> str | None:
    """The object's ETag without HTTP's quotes, which only some clients keep; None where there are no ETags.

    Hadoop's file systems for object stores tell it by EtagSource, since Hadoop 3.3.2.
    """
    is_known = is_instance_of(spark.sparkContext._gateway, status, "org.apache.hadoop.fs.EtagSource")
    etag = status.getEtag() if is_known else None
    return etag.strip('"') if etag else None


def hadoop_path(spark: SparkSession, path: str):
    """Hadoop's Path object, from which its file system follows."""
    return spark._jvm.org.apache.hadoop.fs.Path(path)


def read_lines(spark: SparkSession, source: Source) -> DataFrame:
    """The file's lines. The separator is set: Spark's own would also end a line at a lone CR."""
    return spark.read.text(source.path, lineSep="\n")


def split_records(lines: DataFrame, source: Source) -> DataFrame:
    """Adds to the lines: record (without a closing CR), fields, and reason (null when accepted).

    The header's line carries the reason repeated_header too; whether it is the first line is known
    only where line numbers are.
    """
    header = "\t".join(source.columns)
    record = F.when(F.col("value").endswith("\r"), F.regexp_replace("value", "\r$", "")).otherwise(F.col("value"))
    # Asked of the line as it was read: regexp_replace has already mended what is not UTF-8 in the record.
    is_invalid = F.decode(F.col("value").cast("binary"), "UTF-8") != F.col("value")
    reason = (
        F.when(is_invalid, "invalid_utf8")
        .when(F.col("record").contains("\x00") | F.col("record").contains("\r"), "control_character")
        .when(F.col("record").isin(header, BYTE_ORDER_MARK + header), "repeated_header")
        .when(F.size("fields") != len(source.columns), "wrong_field_count")
    )
    return (
        lines.withColumn("record", record)
        .withColumn("fields", F.split("record", "\t", -1))
        .withColumn("reason", reason)
    )


def accepted_rows(records: DataFrame, source: Source) -> DataFrame:
    r"""The accepted records as columns of text; only the field \N is null."""

    def field(position: int) -> Column:
        is_cut = len(source.columns) <= FEW_COLUMNS
        value = cut_field("record", position) if is_cut else F.col("fields")[position]
        return F.when(value != "\\N", value).alias(source.columns[position])

    return records.where(F.col("reason").isNull()).select(*[field(p) for p in range(len(source.columns))])


def cut_field(record: str, position: int) -> Column:
    """The field of the record at the position, counted from 0, byte by byte; split would make it a Java string."""
    return F.substring_index(F.substring_index(record, "\t", position + 1), "\t", -1)


def unjudged(records: DataFrame, source: Source) -> DataFrame:
    """The records of a source without rejects: only its header is no record, and need not be looked for twice."""
    header = "\t".join(source.columns)
    is_header = F.col("record").isin(header, BYTE_ORDER_MARK + header)
    return records.withColumn("reason", F.when(is_header, "repeated_header"))


def unique_rows(rows: DataFrame, source: Source) -> DataFrame:
    """Each key once, with the greatest value of each column, so that every engine takes the same."""
    key, *others = source.columns
    return rows.groupBy(key).agg(*[F.max(name).alias(name) for name in others])


def audit(records: DataFrame, source: Source) -> Audit:
    """Counts records, rejects and keys that stand twice; a doubled tconst fails, with its keys.

    The number in a key, 7 of tt0000007, is one bit of a bitmap, which costs less than a group for each key.
    As many numbers as records: no key stands twice. Fewer: some key does, or is no number.
    """
    accepted = F.col("reason").isNull()
    number = F.when(accepted, F.substring(F.col("fields")[0], 3, MOST_DIGITS).cast("bigint"))
    buckets = (
        records.select("reason", number.alias("number"))
        .groupBy(F.bitmap_bucket_number("number"))
        .agg(
            F.count(F.lit(1)).alias("records"),
            F.count("reason").alias("refused"),
            F.bitmap_count(F.bitmap_construct_agg(F.bitmap_bit_position("number"))).alias("numbers"),
        )
    )
    totals = [F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("records", "refused", "numbers")]
    counts = buckets.agg(*totals).first()
    is_unique = counts.numbers == counts.records - counts.refused
    doubled = 0 if is_unique else count_doubled_keys(records.where(accepted), source)
    # The first line is the header, which find_source has checked, and counts as neither.
    return Audit(counts.records - 1, counts.refused - 1, doubled)


def count_doubled_keys(records: DataFrame, source: Source) -> int:
    """How many keys stand twice; a doubled tconst fails, with its keys."""
    doubled = records.groupBy(F.col("fields")[0].alias("key")).count().where(F.col("count") > 1)
    count = doubled.count()
    if count > 0 and source.columns[0] == "tconst":
        shown = [str(row.key) for row in doubled.orderBy("key").limit(SHOWN_DUPLICATES).collect()]
        raise Failure(
            "failed-data",
            f"{source.dataset} holds {count} keys more than once",
            source.path,
            f"each tconst must stand once; doubled: {', '.join(shown)}",
            "Get the file anew, or remove the doubled records.",
        )
    return count


def numbered_rejects(spark: SparkSession, source: Source) -> list[dict]:
    """The refused records with their line numbers, in the file's order.

    Spark splits a file into blocks that know their offset but not their line, so a record's line is
    its place in the block after all lines of the blocks before.
    """
    lines = read_lines(spark, source).select(
        "value",
        F.col("_metadata.file_block_start").alias("block"),
        F.monotonically_increasing_id().alias("place"),
    )
    blocks = lines.groupBy("block").agg(F.count(F.lit(1)).alias("lines"), F.min("place").alias("first_place"))
    before, starts = 1, {}
    for block in blocks.orderBy("block").collect():
        starts[block.block] = before - block.first_place
        before += block.lines
    refused = split_records(lines, source).where(F.col("reason").isNotNull())
    rejects = [
        {
            "dataset": source.dataset,
            "path": source.path,
            "line": starts[row.block] + row.place,
            "reason": row.reason,
            "fields": row.field_count,
            "record": row.text,
        }
        for row in refused.select(
            "block",
            "place",
            "reason",
            F.size("fields").alias("field_count"),
            F.decode(F.col("record").cast("binary"), "UTF-8").alias("text"),
        ).collect()
    ]
    return sorted((reject for reject in rejects if reject["line"] > 1), key=lambda reject: reject["line"])


def write_text(spark: SparkSession, path: str, text: str) -> None:
    """Writes a small file whole or not at all: under another name first, then renamed.

    S3 has no rename, only copies; but there an object appears when its stream is closed, and not before.
    """
    target, partial = hadoop_path(spark, path), hadoop_path(spark, path + ".partial")
    is_object = target.toUri().getScheme() in OBJECT_STORES
    file_system = target.getFileSystem(spark._jsc.hadoopConfiguration())
    stream = file_system.create(target if is_object else partial, True)
    stream.write(bytearray(text, "utf-8"))
    # Not in a finally: closing what could not be written would make half an object appear.
    stream.close()
    if not is_object and not file_system.rename(partial, target):
        raise OSError(f"{path} could not be renamed from {path}.partial")


def metric_sums(rows: DataFrame) -> list[Column]:
    """The sums of the columns named metric_*, without that prefix."""
    metrics = [name for name in rows.columns if name.startswith(METRIC_PREFIX)]
    return [F.coalesce(F.sum(name), F.lit(0)).alias(name.removeprefix(METRIC_PREFIX)) for name in metrics]


def observe_metrics(spark: SparkSession, view: str) -> Observation | None:
    """Sums the view's columns named metric_* when it is read; None when it has none."""
    rows = spark.table(view)
    sums = metric_sums(rows)
    if not sums:
        return None
    observation = Observation(view)
    rows.observe(observation, *sums).createOrReplaceTempView(view)
    return observation


def read_metrics(spark: SparkSession, view: str, observation: Observation) -> dict:
    """What was observed of the view, once the result has been written.

    Where the optimizer has left the view out, as it does beside one without rows, nobody ever tells, and
    Spark would wait for ever. The view is read by itself then.
    """
    told = []
    waiting = Thread(target=lambda: told.append(observation.get), daemon=True)
    waiting.start()
    waiting.join(OBSERVED_SECONDS)
    if told:
        return told[0]
    rows = spark.table(view)
    return rows.agg(*metric_sums(rows)).first().asDict()


def write_parquet(spark: SparkSession, result: DataFrame, folder: str) -> dict:
    """Writes the run's Parquet files and returns the manifest's parts that tell of them."""
    columns = result.schema.fields
    texts = [field.name for field in columns if field.dataType.simpleString() == "string"]
    observation = Observation("run")
    observed = result.observe(
        observation,
        F.count(F.lit(1)).alias("rows"),
        *[F.coalesce(F.max(F.octet_length(name)), F.lit(0)).alias(name) for name in texts],
    )
    observed.write.parquet(folder)
    found = observation.get
    return {
        "schema": [
            {
                "name": field.name,
                "type": CONTRACT_TYPES[field.dataType.simpleString()],
                "max_bytes": found[field.name] if field.name in texts else None,
            }
            for field in columns
        ],
        "files": list_parquet(spark, folder),
        "rows": found["rows"],
    }


def list_parquet(spark: SparkSession, folder: str) -> list[dict]:
    """The folder's Parquet files with bytes, rows and etag; the rows come from the footers."""
    path = hadoop_path(spark, folder)
    listed = path.getFileSystem(spark._jsc.hadoopConfiguration()).listStatus(path)
    statuses = {s.getPath().getName(): s for s in listed if s.getPath().getName().endswith(".parquet")}
    counted = spark.read.parquet(folder).groupBy(F.col("_metadata.file_name").alias("path")).count().collect()
    rows = {row.path: row["count"] for row in counted}
    return [
        {"path": name, "bytes": status.getLen(), "rows": rows.get(name, 0), "etag": etag_of(spark, status)}
        for name, status in sorted(statuses.items())
    ]


def prepare_folder(spark: SparkSession, folder: str) -> bool:
    """Whether the run is still to be written. Without a manifest what is there exists for no reader and goes."""
    path = hadoop_path(spark, folder)
    file_system = path.getFileSystem(spark._jsc.hadoopConfiguration())
    if file_system.exists(hadoop_path(spark, f"{folder}/manifest.json")):
        return False
    file_system.delete(path, True)
    return True


def fingerprint_of(etags: dict[str, str | None], version: str) -> str | None:
    """What identifies the run's content, as fingerprintOf in run-id.ts; None where a source has no revision."""
    if None in etags.values():
        return None
    revisions = sorted(f"{dataset}={etag}" for dataset, etag in etags.items())
    return hashlib.sha256("\n".join([version, *revisions]).encode()).hexdigest()[:12]


def run(spark: SparkSession, options: argparse.Namespace) -> None:
    """The whole job: find and audit the sources, transform, write the run, its manifest last."""
    folder = f"{options.output.rstrip('/')}/run={options.run_id}"
    if not prepare_folder(spark, folder):
        print(f"{folder} is whole already; it is not written again.")
        return
    transform = companion("imdb_titles.sql").read_text(encoding="utf-8")
    datasets = json.loads(companion("imdb_datasets.json").read_text(encoding="utf-8"))
    refuse_missing_folder(spark, options.input)
    sources = [find_source(spark, options.input, dataset, columns) for dataset, columns in datasets.items()]
    audits, rejects = {}, []
    for source in sources:
        records = split_records(read_lines(spark, source), source)
        audits[source.dataset] = audit(records, source)
        if audits[source.dataset].rejects > 0:
            rejects += numbered_rejects(spark, source)
        rows = accepted_rows(records if audits[source.dataset].rejects > 0 else unjudged(records, source), source)
        if audits[source.dataset].duplicate_keys > 0:
            rows = unique_rows(rows, source)
        rows.createOrReplaceTempView(source.dataset.replace(".", "_"))

    *views, query = re.split(r";\s*\n", transform)
    observations = {}
    for statement in views:
        spark.sql(statement)
        view = re.search(VIEW_NAME, statement).group(1)
        observations[view] = observe_metrics(spark, view)
    written = write_parquet(spark, spark.sql(query), folder)
    metrics = {}
    for view, observation in observations.items():
        if observation is not None:
            metrics |= read_metrics(spark, view, observation)
    metrics["doubled_names"] = audits["name.basics"].duplicate_keys
    if rejects:
        lines = "".join(json.dumps(reject, ensure_ascii=False, separators=(",", ":")) + "\n" for reject in rejects)
        write_text(spark, f"{folder}/rejects.jsonl", lines)
    etags = {source.dataset: options.etag.get(source.dataset, source.etag) for source in sources}
    version = hashlib.sha256(transform.encode()).hexdigest()[:12]
    manifest = {
        "manifest_version": 1,
        "table": TABLE,
        "run_id": options.run_id,
        "fingerprint": options.fingerprint or fingerprint_of(etags, version) or options.run_id,
        "transform_version": version,
        "engine": {"name": "spark", "version": spark.version},
        "created_at": iso_utc(datetime.now(timezone.utc)),
        "source_date": max(source.modified for source in sources),
        "sources": [
            {
                "dataset": source.dataset,
                "path": source.path,
                "bytes": source.bytes,
                "modified": source.modified,
                "etag": etags[source.dataset],
                "rows": audits[source.dataset].rows,
                "rejects": audits[source.dataset].rejects,
            }
            for source in sources
        ],
        "rejects": {"total": len(rejects), "path": "rejects.jsonl" if rejects else None},
        "metrics": metrics,
        **written,
    }
    write_text(spark, f"{folder}/manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def parse_options(arguments: list[str]) -> argparse.Namespace:
    """The command line; --etag DATASET=VALUE may be given once for each dataset."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--input", required=True, help="folder that holds the four files")
    parser.add_argument("--output", required=True, help="folder of the table's runs")
    parser.add_argument("--run-id", required=True, help="the run's own; one that is whole is left as it is")
    parser.add_argument("--fingerprint", help="what identifies the content; made of the revisions if not given")
    parser.add_argument("--etag", action="append", default=[], metavar="DATASET=VALUE", help="a source's revision")
    options = parser.parse_args(arguments)
    options.etag = dict(pair.split("=", 1) for pair in options.etag)
    return options


def main() -> int:
    """Run the job as the command line says; 0 when the run was written, 1 when a person must mend something."""
    options = parse_options(sys.argv[1:])
    spark = SparkSession.builder.appName(TABLE).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # A title's names come together, in order: one list at a time is filled. The hashed way keeps a list for each
    # of 128 titles, then packs them all and sorts.
    spark.conf.set("spark.sql.execution.useObjectHashAggregateExec", "false")
    try:
        run(spark, options)
    except Failure as failure:
        print("failure: " + json.dumps(failure.fields))
        return 1
    finally:
        spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

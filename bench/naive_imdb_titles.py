"""Build imdb_titles with Spark as one would write it first: the baseline of the benchmark.

    spark-submit naive_imdb_titles.py --input DIR --output DIR

Spark's CSV reader, all people of a title exploded and put together by collect_list, four joins, and
Python functions for what has to be cut and counted. Its rows are not the table's: a reader that quotes
merges records, and collect_list keeps no order.
"""

from __future__ import annotations

import argparse

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  (Spark's own documentation calls it F)
from pyspark.sql.types import IntegerType, StringType

NAMED = 5
SHOWN_CHARACTERS = 200

shorten = F.udf(lambda text: text and text[:SHOWN_CHARACTERS], StringType())
count_genres = F.udf(lambda genres: len(genres.split(",")) if genres else 0, IntegerType())
count_people = F.udf(lambda names: len(names) if names else 0, IntegerType())
first_names = F.udf(lambda names: ",".join(names[:NAMED]) if names else None, StringType())


def read(spark: SparkSession, folder: str, dataset: str) -> DataFrame:
    r"""The dataset by Spark's CSV reader, quotes and all; \N is null."""
    return spark.read.csv(f"{folder}/{dataset}.tsv", sep="\t", header=True, nullValue="\\N")


def people(crew: DataFrame, names: DataFrame, column: str) -> DataFrame:
    """All names of the title's people of that column, as a list."""
    exploded = crew.select("tconst", F.explode(F.split(column, ",")).alias("nconst"))
    named = exploded.join(names, "nconst", "left")
    return named.groupBy("tconst").agg(F.collect_list("primaryName").alias(column))


def imdb_titles(spark: SparkSession, folder: str) -> DataFrame:
    """The table, in the contract's order of columns."""
    crew = read(spark, folder, "title.crew")
    names = read(spark, folder, "name.basics").select("nconst", "primaryName")
    return (
        read(spark, folder, "title.basics")
        .join(people(crew, names, "directors"), "tconst", "left")
        .join(people(crew, names, "writers"), "tconst", "left")
        .join(read(spark, folder, "title.ratings"), "tconst", "left")
        .select(
            F.col("tconst").alias("title_key"),
            shorten("primaryTitle").alias("primary_title"),
            shorten("originalTitle").alias("original_title"),
            F.col("titleType").alias("title_type"),
            first_names("directors").alias("directors"),
            first_names("writers").alias("writers"),
            "genres",
            F.col("directors").isNotNull().alias("has_directors"),
            F.col("writers").isNotNull().alias("has_writers"),
            F.col("endYear").isNotNull().alias("has_ended"),
            count_genres("genres").alias("num_of_genres"),
            F.col("startYear").cast("int").alias("release_year"),
            F.col("endYear").cast("int").alias("end_year"),
            F.col("averageRating").cast("double").alias("average_rating"),
            F.col("numVotes").cast("int").alias("num_votes"),
            F.col("runtimeMinutes").cast("int").alias("runtime_minutes"),
            count_people("directors").alias("num_directors"),
            count_people("writers").alias("num_writers"),
        )
    )


def main() -> None:
    """Write the table as Parquet files into the output folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--input", required=True, help="folder that holds the four files")
    parser.add_argument("--output", required=True, help="folder of the Parquet files; it must not exist")
    options = parser.parse_args()
    spark = SparkSession.builder.appName("naive imdb_titles").getOrCreate()
    try:
        imdb_titles(spark, options.input).write.parquet(options.output)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()

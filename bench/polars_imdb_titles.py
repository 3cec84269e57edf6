"""Build imdb_titles with Polars: a peer of the project's engines, measured beside them.

    polars_imdb_titles.py --input DIR --output DIR

The rows are those of imdb_titles.sql. It does less: it trusts that a key stands once and a record has
all its fields, and counts nothing for a manifest.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl

NAMED = 5
WHOLE_NUMBER = r"^-?[0-9]+$"
DECIMAL_NUMBER = r"^-?[0-9]+([.][0-9]+)?$"
DATASETS = Path(__file__).resolve().parent.parent / "spark" / "imdb_datasets.json"


def scan(folder: Path, dataset: str) -> pl.LazyFrame:
    r"""The dataset's file as columns of text: nothing quoted, and only \N null."""
    columns = json.loads(DATASETS.read_text(encoding="utf-8"))[dataset]
    return pl.scan_csv(
        folder / f"{dataset}.tsv",
        separator="\t",
        quote_char=None,
        null_values="\\N",
        empty_string_is_null=False,
        schema=dict.fromkeys(columns, pl.String),
    )


def number(column: str, pattern: str, kind: type[pl.DataType]) -> pl.Expr:
    """The column's number; null where it is none."""
    text = pl.col(column)
    return pl.when(text.str.contains(pattern)).then(text.cast(kind, strict=False))


def ids(column: str) -> pl.Expr:
    """The ids of a list that is written with commas; an empty list where there is none."""
    every = pl.col(column).fill_null("").str.split(",")
    return every.list.filter(pl.element() != "")


def billed_names(crew: pl.LazyFrame, names: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each title with a crew: tconst, both counts, both lists of names.

    Most titles have one person of a kind: the first of each meets the names by a plain join, and only
    those after him are exploded and put together again.
    """
    counted = crew.with_columns(
        pl.col("director_ids").list.len().cast(pl.Int32).alias("num_directors"),
        pl.col("writer_ids").list.len().cast(pl.Int32).alias("num_writers"),
    )
    result = counted
    for kind in ("director", "writer"):
        first = names.rename({"nconst": f"{kind}_id", "name": f"first_{kind}"})
        later = (
            counted.filter(pl.col(f"num_{kind}s") > 1)
            .select("tconst", pl.col(f"{kind}_ids").list.slice(1, NAMED - 1).alias("nconst"))
            .with_columns(pl.int_ranges(pl.col("nconst").list.len()).alias("place"))
            .explode("nconst", "place")
            .join(names, on="nconst", how="inner")
            .group_by("tconst")
            .agg(pl.col("name").sort_by("place").drop_nulls().str.join(",").alias(f"later_{kind}s"))
        )
        result = (
            result.with_columns(pl.col(f"{kind}_ids").list.first().alias(f"{kind}_id"))
            .join(first, on=f"{kind}_id", how="left")
            .join(later, on="tconst", how="left")
        )
    return result.select("tconst", "num_directors", "num_writers", *[joined(kind) for kind in ("director", "writer")])


def joined(kind: str) -> pl.Expr:
    """The names of a kind in one text; null when there is none."""
    later = pl.col(f"later_{kind}s").replace("", None)
    text = pl.concat_str(f"first_{kind}", later, separator=",", ignore_nulls=True)
    return pl.when(text != "").then(text).alias(f"{kind}s")


def imdb_titles(folder: Path) -> pl.LazyFrame:
    """The table, in the contract's order of columns."""
    crew = scan(folder, "title.crew").select(
        "tconst", ids("directors").alias("director_ids"), ids("writers").alias("writer_ids")
    )
    names = scan(folder, "name.basics").select(
        "nconst", pl.when(pl.col("primaryName") != "").then("primaryName").alias("name")
    )
    ratings = scan(folder, "title.ratings").select(
        "tconst",
        number("averageRating", DECIMAL_NUMBER, pl.Float64).alias("average_rating"),
        number("numVotes", WHOLE_NUMBER, pl.Int32).alias("num_votes"),
    )
    end_year = number("endYear", WHOLE_NUMBER, pl.Int32)
    return (
        scan(folder, "title.basics")
        .join(billed_names(crew, names), on="tconst", how="left")
        .join(ratings, on="tconst", how="left")
        .select(
            pl.col("tconst").alias("title_key"),
            pl.col("primaryTitle").str.slice(0, 200).alias("primary_title"),
            pl.col("originalTitle").str.slice(0, 200).alias("original_title"),
            pl.col("titleType").alias("title_type"),
            "directors",
            "writers",
            "genres",
            (pl.col("num_directors").fill_null(0) > 0).alias("has_directors"),
            (pl.col("num_writers").fill_null(0) > 0).alias("has_writers"),
            end_year.is_not_null().alias("has_ended"),
            pl.col("genres").fill_null("").str.count_matches("[^,]+").cast(pl.Int32).alias("num_of_genres"),
            number("startYear", WHOLE_NUMBER, pl.Int32).alias("release_year"),
            end_year.alias("end_year"),
            "average_rating",
            "num_votes",
            number("runtimeMinutes", WHOLE_NUMBER, pl.Int32).alias("runtime_minutes"),
            pl.col("num_directors").fill_null(0),
            pl.col("num_writers").fill_null(0),
        )
    )


def main() -> None:
    """Write the table as one Parquet file into the output folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--input", type=Path, required=True, help="folder that holds the four files")
    parser.add_argument("--output", type=Path, required=True, help="folder of the Parquet file")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    imdb_titles(options.input).sink_parquet(
        options.output / "part-0.parquet", compression="snappy", maintain_order=False
    )


if __name__ == "__main__":
    main()

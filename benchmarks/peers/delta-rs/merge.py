"""
delta-rs merging the rows of a Parquet file into a table of the benchmark, by its primary key.

Usage: merge.py <table> <changes>. Prints `ready` once everything is imported, waits for a line, does the job, prints `done`
and the rows it merged, and stays until its input ends.
"""

import sys

import pyarrow.parquet
from deltalake import DeltaTable


def merge(table: str, changes: str) -> int:
    rows = pyarrow.parquet.read_table(changes)
    (
        DeltaTable(table)
        .merge(rows, predicate="target.id = source.id", source_alias="source", target_alias="target")
        .when_matched_update_all()
        .when_not_matched_insert_all()
        .execute()
    )
    return rows.num_rows


print("ready", flush=True)
sys.stdin.readline()
print(f"done {merge(*sys.argv[1:3])}", flush=True)
sys.stdin.read()

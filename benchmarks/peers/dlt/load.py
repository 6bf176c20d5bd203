"""Loads the rows of the benchmark's server with dlt's REST source, all settings at their defaults.

Usage: load.py parquet|duckdb-merge|duckdb-merge-files FOLDER URL LIMIT

`duckdb-merge-files` is `duckdb-merge` with one setting: rows go to DuckDB in Parquet files, not as INSERT statements.

Speaks the protocol of benchmarks/end-to-end/contend.ts: prints `ready` once everything is imported, waits for a line,
does the job, prints `done`, and stays until its input ends, so that it can be measured from outside.
"""

import os
import sys

import dlt
from dlt.sources.rest_api import rest_api_source

kind, folder, url, limit = sys.argv[1:]


def destination():
    if kind == "parquet":
        return dlt.destinations.filesystem(bucket_url=os.path.join(folder, "files"))
    return dlt.destinations.duckdb(os.path.join(folder, "rows.duckdb"))


def load():
    source = rest_api_source(
        {
            "client": {"base_url": url},
            "resource_defaults": {
                "primary_key": "id",
                "write_disposition": "append" if kind == "parquet" else "merge",
            },
            "resources": [
                {
                    "name": "rows",
                    "endpoint": {
                        "path": "rows",
                        "data_selector": "data",
                        "paginator": {"type": "offset", "limit": int(limit), "total_path": None},
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        destination=destination(),
        dataset_name="bench",
        pipelines_dir=os.path.join(folder, "pipelines"),
    )
    pipeline.run(source, loader_file_format=None if kind == "duckdb-merge" else "parquet")


print("ready", flush=True)
sys.stdin.readline()
load()
print("done", flush=True)
sys.stdin.read()

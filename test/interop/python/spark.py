"""Reads and writes Delta tables with Spark."""

import os
import sys

from delta import DeltaTable, configure_spark_with_delta_pip
from pyspark.sql import SparkSession

from arrow_rows import arrow_rows
from canonical import columns, lines
from serve import serve

# Spark and its Java machine print on standard output, which is for answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

# Tables of a few rows want no parallelism.
settings = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "2g",
}

builder = SparkSession.builder.master("local[2]").appName("interop")
for name, setting in settings.items():
    builder = builder.config(name, setting)
try:
    spark = configure_spark_with_delta_pip(builder).getOrCreate()
except Exception as raised:
    sys.exit(f"Spark does not start: {raised}")


def read(path, version=None):
    reader = spark.read.format("delta")
    return (reader if version is None else reader.option("versionAsOf", version)).load(path)


def frame(path, rows):
    return spark.createDataFrame(arrow_rows(rows, read(path).limit(0).toArrow().schema))


def merge(path, rows, key):
    target = DeltaTable.forPath(spark, path).alias("target")
    merger = target.merge(frame(path, rows).alias("source"), f"target.`{key}` = source.`{key}`")
    merger.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()


def history(path):
    found = spark.sql(f"DESCRIBE HISTORY delta.`{path}`").select("version", "operation", "operationMetrics").collect()
    return [{"version": row["version"], "operation": row["operation"], "metrics": row["operationMetrics"]} for row in found]


serve(
    {
        "set": lambda name, value: spark.conf.set(name, value),
        "columns": lambda path, version: columns(read(path, version).schema.jsonValue()),
        "lines": lambda path, version: lines(read(path, version).toArrow()),
        "history": history,
        "append": lambda path, rows: frame(path, rows).write.format("delta").mode("append").save(path),
        "merge": merge,
        "delete": lambda path, predicate: DeltaTable.forPath(spark, path).delete(predicate),
        "optimize": lambda path: DeltaTable.forPath(spark, path).optimize().executeCompaction() and None,
    },
    answers,
)

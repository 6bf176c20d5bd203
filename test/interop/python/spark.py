"""Reads and writes Delta tables with Spark."""

import os
import sys

import pyarrow
from delta import DeltaTable, configure_spark_with_delta_pip
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from arrow_rows import arrow_rows
from canonical import columns, lines, lines_of_rows
from serve import serve
from try_each import try_each

# Spark and its Java machine print on standard output, which is for answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

# Tables of a few rows want no parallelism, and no compiled code.
settings = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "2g",
    # A vacuum of all that the newest version does not need.
    "spark.databricks.delta.retentionDurationCheck.enabled": "false",
}

builder = SparkSession.builder.master("local[2]").appName("interop")
for name, setting in settings.items():
    builder = builder.config(name, setting)
try:
    spark = configure_spark_with_delta_pip(builder).getOrCreate()
except Exception as raised:
    sys.exit(f"Spark does not start: {raised}")


def read(reader, path, version=None):
    delta = spark.read.format("delta")
    found = (delta if version is None else delta.option("versionAsOf", version)).load(path)
    try:
        rows = lines(found.toArrow())
    except pyarrow.ArrowInvalid:
        # An object that is null where a member of it may not be: pyarrow does not take it. Of other rows the times would be local.
        rows = lines_of_rows(found.collect())
    return {"columns": columns(found.schema.jsonValue()), "lines": rows}


def frame(path, rows):
    schema = spark.read.format("delta").load(path).schema
    return spark.createDataFrame(arrow_rows(rows, to_arrow_schema(schema, timezone="UTC")), schema)


def append(path, rows):
    frame(path, rows).write.format("delta").mode("append").save(path)


def append_each(path, rows):
    return try_each(rows, lambda row: append(path, [row]))


def merge(path, rows, key):
    target = DeltaTable.forPath(spark, path).alias("target")
    merger = target.merge(frame(path, rows).alias("source"), f"target.`{key}` = source.`{key}`")
    merger.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()


def set_properties(path, properties):
    pairs = ", ".join(f"'{name}' = '{value}'" for name, value in properties.items())
    spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ({pairs})")


def history(path):
    found = spark.sql(f"DESCRIBE HISTORY delta.`{path}`").select("version", "operation", "operationMetrics").collect()
    return [{"version": row["version"], "operation": row["operation"], "metrics": row["operationMetrics"]} for row in found]


serve(
    {
        "set": lambda name, value: spark.conf.set(name, value),
        "read": read,
        "history": history,
        "sql": lambda path, statement: spark.sql(statement.replace("$table", f"delta.`{path}`")).collect() and None,
        "set-properties": set_properties,
        "append": append,
        "merge": merge,
        "append-each": append_each,
        "update": lambda path, predicate, updates: DeltaTable.forPath(spark, path).update(predicate, updates) and None,
        "vacuum": lambda path: DeltaTable.forPath(spark, path).vacuum(0) and None,
        "delete": lambda path, predicate: DeltaTable.forPath(spark, path).delete(predicate) and None,
        "optimize": lambda path: DeltaTable.forPath(spark, path).optimize().executeCompaction() and None,
    },
    answers,
)

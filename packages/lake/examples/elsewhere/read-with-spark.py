from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession

builder = (
    SparkSession.builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    # Only for writing: by default Spark's timestamps are of a form that Millrace merges, and does not read.
    .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
)
spark = configure_spark_with_delta_pip(builder).getOrCreate()

events = spark.read.format("delta").load("data/events")
print(sorted(events.groupBy("kind").sum("amount").collect()))

import duckdb
from deltalake import DeltaTable

files = DeltaTable("data/events").file_uris()
events = duckdb.read_parquet(files, union_by_name=True, hive_partitioning=False)
print(events.aggregate("kind, sum(amount)").order("kind").fetchall())

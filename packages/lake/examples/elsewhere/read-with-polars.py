import polars

events = polars.scan_delta("data/events").filter(polars.col("amount") > 1).select("id", "kind").sort("id")
print(events.collect().rows())

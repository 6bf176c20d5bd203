from deltalake import DeltaTable

events = DeltaTable("data/events")
print(f"version {events.version()}")

for batch in events.scan(columns=["id", "kind"], predicate="id >= 2"):
    print(batch.num_rows, "rows from 2 on")

print(DeltaTable("data/events", version=0).count(), "rows in version 0")

from deltalake import DeltaTable

events = DeltaTable("data/events").to_pandas()
print(events.groupby("kind")["amount"].sum())

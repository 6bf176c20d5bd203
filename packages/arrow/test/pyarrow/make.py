"""Writes the Arrow IPC files beside it, as pyarrow does: python make.py (made with pyarrow 26.0.1)."""

from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

folder = Path(__file__).parent

table = pa.table(
    {
        "city": pa.array(["Zürich", "Oslo", None, "Oslo"]).dictionary_encode(),
        "id": pa.array([1, 2**53 + 1, None, -(2**63)], pa.int64()),
        "price": pa.array([Decimal("1.50"), None, Decimal("-99999999.99"), Decimal(0)], pa.decimal128(10, 2)),
        "day": pa.array([date(2024, 5, 1), None, date(1969, 12, 31), date(1, 1, 1)]),
        "seen": pa.array([datetime(2024, 5, 1, tzinfo=timezone.utc), None, None, None], pa.timestamp("us", "UTC")),
        "tags": pa.array([["a", None], [], None, ["b"]]),
        "who": pa.array([{"name": "Al", "age": 7}, None, {"name": None, "age": None}, {"name": "", "age": 0}]),
    }
)


def write(name, new, options=None, chunk=2):
    with pa.OSFile(str(folder / name), "wb") as sink, new(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=chunk)


write("file.arrow", pa.ipc.new_file)
write("stream.arrows", pa.ipc.new_stream)
write("legacy.arrows", pa.ipc.new_stream, pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True))
write("lz4.arrow", pa.ipc.new_file, pa.ipc.IpcWriteOptions(compression="lz4"))
write("zstd.arrows", pa.ipc.new_stream, pa.ipc.IpcWriteOptions(compression="zstd"))

# Dictionaries that grow, and one that takes the place of another.
type = pa.dictionary(pa.int32(), pa.utf8())
batches = [
    pa.record_batch([pa.DictionaryArray.from_arrays(pa.array(at, pa.int32()), words)], names=["word"])
    for at, words in [([0, 1], ["a", "b"]), ([2, 0], ["a", "b", "c"]), ([0, 1], ["x", "y"])]
]
for name, options, count in [("delta.arrows", pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True), 2), ("replaced.arrows", None, 3)]:
    with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, batches[0].schema, options=options) as writer:
        for batch in batches[:count]:
            writer.write_batch(batch)

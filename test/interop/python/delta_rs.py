"""Reads and writes Delta tables with delta-rs, and with the readers that stand on it: pyarrow, Polars."""

import json

import polars
import pyarrow
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

from arrow_rows import arrow_rows
from canonical import columns, lines
from pruning import compare_filters
from serve import serve
from statistics_of import compare_statistics
from try_each import try_each

readers = {
    "delta-rs": lambda path, version: pyarrow.table(DeltaTable(path, version=version).scan()),
    "pyarrow": lambda path, version: DeltaTable(path, version=version).to_pyarrow_table(),
    "Polars": lambda path, version: polars.read_delta(path, version=version).to_arrow(),
}


def read(reader, path, version=None):
    schema = json.loads(DeltaTable(path, version=version).schema().to_json())
    return {"columns": columns(schema), "lines": lines(readers[reader](path, version))}


def rows_for(path, rows):
    return arrow_rows(rows, pyarrow.schema(DeltaTable(path).schema().to_arrow()))


def append(path, rows):
    write_deltalake(path, rows_for(path, rows), mode="append", schema_mode="merge")


def overwrite(path, rows):
    write_deltalake(path, rows_for(path, rows), mode="overwrite")


def replace_where(path, rows, predicate):
    write_deltalake(path, rows_for(path, rows), mode="overwrite", predicate=predicate)


def add_columns(path, columns):
    DeltaTable(path).alter.add_columns([Field(name, PrimitiveType(type)) for name, type in columns.items()])


def create(path, columns, rows, partition_by=None):
    schema = pyarrow.schema([pyarrow.field(name, pyarrow.type_for_alias(type)) for name, type in columns.items()])
    write_deltalake(path, arrow_rows(rows, schema), partition_by=partition_by)


def merge(path, rows, key):
    merger = DeltaTable(path).merge(
        rows_for(path, rows),
        predicate=f'target."{key}" = source."{key}"',
        source_alias="source",
        target_alias="target",
    )
    merger.when_matched_update_all().when_not_matched_insert_all().execute()


held = {}


def hold(path):
    """Looks at a table now, for a commit later."""
    held[path] = DeltaTable(path)


def append_held(path, rows):
    write_deltalake(held[path], rows_for(path, rows), mode="append")


def append_each(path, rows):
    return try_each(rows, lambda row: append(path, [row]))


def history(path):
    return [{"version": each["version"], "operation": each["operation"]} for each in DeltaTable(path).history()]


serve(
    {
        "version": lambda path: DeltaTable(path).version(),
        "read": read,
        "history": history,
        "statistics": compare_statistics,
        "filters": compare_filters,
        "create": create,
        "append": append,
        "append-each": append_each,
        "hold": hold,
        "append-held": append_held,
        "overwrite": overwrite,
        "merge": merge,
        "update": lambda path, predicate, updates: DeltaTable(path).update(predicate=predicate, updates=updates),
        "delete": lambda path, predicate: DeltaTable(path).delete(predicate),
        "optimize": lambda path: DeltaTable(path).optimize.compact(),
        "z-order": lambda path, columns: DeltaTable(path).optimize.z_order(columns),
        "replace-where": replace_where,
        "restore": lambda path, version: DeltaTable(path).restore(version),
        "repair": lambda path: DeltaTable(path).repair(),
        "add-columns": add_columns,
        "set-properties": lambda path, properties: DeltaTable(path).alter.set_table_properties(properties),
        "add-constraint": lambda path, constraint: DeltaTable(path).alter.add_constraint(constraint),
        "compact-log": lambda path: DeltaTable(path).compact_logs(0, DeltaTable(path).version()),
        "vacuum": lambda path: DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False),
        "checkpoint": lambda path: DeltaTable(path).create_checkpoint(),
    }
)

"""Filters of a table, each asked of readers that skip files by the log's statistics, and of all its rows in memory."""

import polars
import pyarrow
import pyarrow.compute
import pyarrow.dataset
from deltalake import DeltaTable


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def cast(text, type):
    return f"arrow_cast({quoted(text)}, {quoted(type)})"


# The types that have bounds in the statistics, and how DataFusion's SQL has a value of each.
literals = [
    (pyarrow.types.is_integer, lambda value, type: str(value)),
    (pyarrow.types.is_floating, lambda value, type: repr(value)),
    (pyarrow.types.is_string, lambda value, type: quoted(value)),
    (pyarrow.types.is_boolean, lambda value, type: str(value).lower()),
    (pyarrow.types.is_date, lambda value, type: cast(value.isoformat(), "Date32")),
    (pyarrow.types.is_timestamp, lambda value, type: cast(value.isoformat(), 'Timestamp(Microsecond, Some("UTC"))')),
    (pyarrow.types.is_decimal, lambda value, type: cast(format(value, "f"), f"Decimal128({type.precision}, {type.scale})")),
]

# By their SQL: the names that pyarrow and Polars have for comparisons.
comparisons = {"=": ("equal", "eq"), "<": ("less", "lt"), ">=": ("greater_equal", "ge")}


def filters(rows, frame):
    """Of each column its smallest, a middle and its largest value, compared in each way: as SQL, for pyarrow, for Polars.

    Not whether it is null for pyarrow: delta-rs tells it that a column of which the log does not count the nulls has none, and the
    log counts none of columns that came later.
    """
    for field in rows.schema:
        literal = next((literal for is_type, literal in literals if is_type(field.type)), None)
        if literal is None:
            continue
        name = '"' + field.name.replace('"', '""') + '"'
        column = pyarrow.compute.drop_null(rows[field.name])
        if pyarrow.types.is_floating(field.type):
            column = column.filter(pyarrow.compute.is_finite(column))
        column = column.take(pyarrow.compute.sort_indices(column))
        for index in sorted({0, len(column) // 2, len(column) - 1} if len(column) > 0 else ()):
            value = column[index].as_py()
            for operator, (arrow, other) in comparisons.items():
                yield (
                    f"{name} {operator} {literal(value, field.type)}",
                    getattr(pyarrow.compute, arrow)(pyarrow.dataset.field(field.name), column[index]),
                    getattr(polars.col(field.name), other)(polars.lit(value, dtype=frame.schema[field.name])),
                )
        yield f"{name} IS NULL", None, polars.col(field.name).is_null()


def compare_filters(path, readers):
    """How many were asked, how many files they spared, and what came out differently."""
    table = DeltaTable(path)
    files = len(table.file_uris())
    dataset = table.to_pyarrow_dataset() if "pyarrow" in readers else None
    rows = pyarrow.table(table.scan()) if dataset is None else dataset.to_table()
    frame = polars.from_arrow(rows)
    asked, spared, problems = 0, 0, []
    for sql, arrow, other in filters(rows, frame):
        asked += 1
        spared += files - len(table.file_uris(file_pruning_predicate=sql))
        found = {
            "delta-rs": lambda: (pyarrow.table(table.scan(predicate=sql)), frame.filter(other).to_arrow()),
            "pyarrow": lambda: (dataset.to_table(filter=arrow), rows.filter(arrow)),
            "Polars": lambda: (polars.scan_delta(table).filter(other).collect().to_arrow(), frame.filter(other).to_arrow()),
        }
        for reader in readers:
            if reader == "pyarrow" and arrow is None:
                continue
            skipping, reading = found[reader]()
            # Who skips a file that it should not loses rows, and finds none that are not there.
            if skipping.num_rows != reading.num_rows:
                problems.append(f"{reader}: {sql} gives {skipping.num_rows} rows, and {reading.num_rows} without statistics")
    return {"asked": asked, "spared": spared, "problems": problems}

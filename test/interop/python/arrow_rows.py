"""Rows of JSON as an Arrow table with the columns of a Delta table."""

import datetime
import decimal

import pyarrow


def arrow_rows(rows, schema):
    names = {name for row in rows for name in row}
    fields = [field for field in schema if field.name in names]
    fields += [pyarrow.field(name, pyarrow.string()) for name in sorted(names - set(schema.names))]
    arrays = [pyarrow.array([decode(row.get(field.name), field.type) for row in rows], field.type) for field in fields]
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))


def decode(value, type):
    if value is None:
        return None
    if pyarrow.types.is_timestamp(type):
        return datetime.datetime.fromisoformat(value)
    if pyarrow.types.is_date(type):
        return datetime.date.fromisoformat(value)
    if pyarrow.types.is_decimal(type):
        return decimal.Decimal(value)
    return value

"""Rows and columns in one form for all readers: what test/interop/canonical.ts makes of Millrace's own."""

import datetime
import decimal
import json
import math


def lines(table):
    """A line of JSON per row of an Arrow table, in no order: an array with its values in order of the columns."""
    return lines_of_rows(zip(*(column.to_pylist() for column in table.columns)))


def lines_of_rows(rows):
    return [json.dumps([value(each) for each in row]) for row in rows]


def value(found):
    """Integers as digits, since JSON's readers round; objects as arrays, since they reorder names such as `1`."""
    if found is None or isinstance(found, (bool, str)):
        return found
    if isinstance(found, int):
        return str(found)
    if isinstance(found, float):
        if math.isnan(found):
            return "NaN"
        if math.isinf(found):
            return "Infinity" if found > 0 else "-Infinity"
        return "-0" if found == 0 and math.copysign(1, found) < 0 else found
    if isinstance(found, decimal.Decimal):
        return format(found, "f")
    if isinstance(found, bytes):
        return found.hex()
    if isinstance(found, datetime.datetime):
        utc = found.astimezone(datetime.timezone.utc)
        return f"{utc.year:04}{utc.strftime('-%m-%dT%H:%M:%S.%f')}Z"
    if isinstance(found, datetime.date):
        return f"{found.year:04}{found.strftime('-%m-%d')}"
    if isinstance(found, dict):
        return [value(each) for each in found.values()]
    if isinstance(found, (list, tuple)):
        return [value(each) for each in found]
    raise TypeError(f"no canonical form of {type(found)}")


def columns(schema):
    """Delta's schema as its JSON says it: name, type, and whether it may be null."""
    return [[field["name"], type_of(field["type"]), field["nullable"]] for field in schema["fields"]]


def type_of(found):
    if isinstance(found, str):
        return found
    if found["type"] == "struct":
        return {"struct": columns(found)}
    if found["type"] == "array":
        return {"array": type_of(found["elementType"]), "containsNull": found["containsNull"]}
    raise TypeError(f"no canonical form of {found}")

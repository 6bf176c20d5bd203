"""What a table's log says of its files, held to the values that are in them."""

import os

import pyarrow
import pyarrow.compute
import pyarrow.parquet
from deltalake import DeltaTable


def compare_statistics(path, version):
    """How many numbers and bounds were compared, and those that are not true."""
    actions = pyarrow.table(DeltaTable(path, version=version).get_add_actions(flatten=True)).to_pylist()
    compared, problems = 0, []
    for action in actions:
        file = pyarrow.parquet.ParquetFile(os.path.join(path, action["path"])).read()
        found = {"num_records": (action.get("num_records"), file.num_rows)}
        for name in file.schema.names:
            column = file[name]
            found[f"null_count.{name}"] = (action.get(f"null_count.{name}"), column.null_count)
            for bound in ("min", "max"):
                said = action.get(f"{bound}.{name}")
                if said is not None:
                    found[f"{bound}.{name}"] = (said, bound_of(column, bound, said))
        for what, (said, is_so) in found.items():
            if said is None and what.startswith("null_count."):
                continue
            compared += 1
            if said != is_so:
                problems.append(f"{action['path']}: {what} is said to be {said!r} and is {is_so!r}")
    return {"compared": compared, "files": len(actions), "problems": problems}


def bound_of(column, bound, said):
    """Long text may be cut: what is left of a smallest one is no larger; of a largest one the last character of all is added."""
    if isinstance(column.type, pyarrow.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    is_so = pyarrow.compute.min_max(column)[bound].as_py()
    if isinstance(said, str):
        cut = said if bound == "min" else said.removesuffix("\U0010ffff")
        if len(cut) >= 32 and is_so.startswith(cut) and (bound == "min" or cut != said):
            return said
    return is_so

#!/usr/bin/env bash
# deltalake 1.6.6: what is appended is cast to the table's types, and a fraction that meets a column of whole numbers is cut:
# a first batch of scores 1 and 0 makes that column, and every later 0.9 is 0, with `schema_mode="merge"` and in MERGE, too. A decimal is
# rounded to the table's places, a column of texts takes numbers as it spells them (1e22), one of booleans takes "no" for
# false. Nothing is said, though what does not fit at all (2^40 in 32 bits, "x" in a number) is an error. polars 2.1.0's
# write_delta goes the same way. Needed: the value, or that error. Seen: 0.9 -> 0, by four ways.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 polars==2.1.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import decimal

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

WHOLE = pa.table({"id": [1, 2], "score": [1, 0]})
LATER = pa.table({"id": [3], "score": [0.9]})


def merged(name: str) -> None:
    merge = DeltaTable(name).merge(LATER, "t.id = s.id", source_alias="s", target_alias="t")
    merge.when_not_matched_insert_all().execute()


ways = {
    "append": lambda name: write_deltalake(name, LATER, mode="append"),
    "append, schema_mode merge": lambda name: write_deltalake(name, LATER, mode="append", schema_mode="merge"),
    "MERGE": merged,
    "polars": lambda name: pl.from_arrow(LATER).write_delta(name, mode="append"),
}
found = []
for way, land in ways.items():
    write_deltalake(way, WHOLE)
    land(way)
    found += [row["score"] for row in DeltaTable(way).to_pyarrow_table().to_pylist() if row["id"] == 3]
    print(f"{way}: 0.9 -> {found[-1]!r}")
for first, later in ((decimal.Decimal("0.10"), 0.239), ("a", 1e22), (True, "no")):
    write_deltalake(str(first), pa.table({"value": [first]}))
    write_deltalake(str(first), pa.table({"value": [later]}), mode="append")
    found += [value for value in DeltaTable(str(first)).to_pyarrow_table()["value"].to_pylist() if value != first]
    print(f"beside {first!r}: {later!r} -> {found[-1]!r}")
raise SystemExit(found != [0, 0, 0, 0, decimal.Decimal("0.24"), "1e22", False])
PYTHON

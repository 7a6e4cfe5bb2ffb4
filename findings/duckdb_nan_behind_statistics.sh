#!/usr/bin/env bash
# DuckDB 2.0.0 and 2.0.1 lose and add rows of NaN (a loss that overflowed, a gap of pandas) where they read Parquet that pyarrow or
# deltalake wrote. Parquet's statistics leave NaN out, as its specification says; DuckDB's optimizer reads them as if there were
# none, while to its operators NaN is the greatest number: of 0.5 and NaN, > 0.5 gives nothing, <= 0.5 gives both. The same
# rows in memory, or in a file of DuckDB's own, or without the optimizer, are right. pyarrow's dataset falls for it, too:
# `!= 0.5` on the file finds no row, and NaN on the table. Needed: the same answer from the same rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
for version in 2.0.0 2.0.1; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version"
    "$folder/venv/bin/python" - "$folder/$version" <<'PYTHON'
import math
import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet
from deltalake import DeltaTable, write_deltalake
from pyarrow.dataset import dataset, field

os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
rows = pa.table({"loss": [0.5, math.nan]})
pa.parquet.write_table(rows, "pyarrow.parquet")
write_deltalake("delta", rows)
duckdb.sql("copy rows to 'duckdb.parquet'")
sources = {
    "in memory": "rows",
    "DuckDB's file": "'duckdb.parquet'",
    "pyarrow's file": "'pyarrow.parquet'",
    "deltalake's file": f"'{DeltaTable('delta').file_uris()[0]}'",
}
print("DuckDB", duckdb.__version__)
seen = {}
for source, name in sources.items():
    counts = [len(duckdb.sql(f"from {name} where loss {test} 0.5").fetchall()) for test in (">", "<>", "<=")]
    print(f"{source}: rows > 0.5, <> 0.5, <= 0.5: {counts}")
    seen[source] = counts
other = field("loss") != 0.5
found = rows.filter(other).num_rows, dataset("pyarrow.parquet").to_table(filter=other).num_rows
print(f"pyarrow, != 0.5: {found[0]} of the table, {found[1]} of the file")
raise SystemExit([*seen.values()] != [[1, 1, 1], [1, 1, 1], [0, 0, 2], [0, 0, 2]] or found != (1, 0))
PYTHON
done

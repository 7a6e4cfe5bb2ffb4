#!/usr/bin/env bash
# deltalake 1.6.6 writes the least and the greatest value of a decimal column into the log as doubles, rounded to 17 digits,
# and every reader skips a file by them: a decimal of more digits, the greatest of its file, is not found by = or >=, by
# deltalake's dataset and QueryBuilder, polars 2.1.0 (scan_delta) or DuckDB 2.0.0 over the dataset, nor by deltalake's
# delete. Nothing is said, and without a condition the row is there. Needed: the row, or no statistics where a double cannot
# hold them. Seen: 0 rows where 1 is; for 2^53 itself 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from decimal import Decimal

import duckdb
import polars
import pyarrow as pa
import pyarrow.dataset
from deltalake import DeltaTable, QueryBuilder, write_deltalake

TYPE = pa.decimal128(38, 0)
found = {}
for name, gold in {"2^53": 2**53, "2^64 + 1": 2**64 + 1}.items():
    path = f"{sys.argv[1]}/{gold}"
    write_deltalake(path, pa.table({"gold": pa.array([Decimal(1), Decimal(gold)], TYPE)}))
    table = DeltaTable(path)
    rows, where = table.to_pyarrow_dataset(), f"gold = {gold}"
    is_it = pa.dataset.field("gold") == pa.scalar(Decimal(gold), TYPE)
    asked = QueryBuilder().register("rows", table).execute(f"select * from rows where {where}").read_all()
    found[name] = {
        "in memory": rows.to_table().filter(is_it).num_rows,
        "dataset": rows.to_table(filter=is_it).num_rows,
        "QueryBuilder": asked.num_rows,
        "polars": polars.scan_delta(path).filter(polars.col("gold") == Decimal(gold)).collect().height,
        "DuckDB": len(duckdb.sql(f"select * from rows where {where}").fetchall()),
        "delete": table.delete(where)["num_deleted_rows"],
    }
    print(f"{name}: rows found by {found[name]}")
raise SystemExit([sum(each.values()) for each in found.values()] != [6, 1])
PYTHON

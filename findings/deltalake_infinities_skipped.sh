#!/usr/bin/env bash
# deltalake 1.6.6: a column of doubles with an infinity, as perplexities and ratios of losses are, has null for its greatest
# value in the log (least, for -inf), since JSON has no infinity. `to_pyarrow_dataset` takes that null for a bound, and then
# no condition on the column can hold: the whole file is skipped, with all its finite values. So are they for DuckDB over the
# dataset, for some conditions. Needed: the rows, as without a condition. polars' scan_delta and QueryBuilder find them.
# Seen, of 0.5, 0.7 and inf: `ppl < 1` finds no row, in memory 2. Seen with pyarrow 26.0.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import math
import sys

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from pyarrow.dataset import field

CONDITIONS = {"ppl < 1": field("ppl") < 1, "ppl > 0.6": field("ppl") > 0.6, "ppl = 0.5": field("ppl") == 0.5}
write_deltalake(sys.argv[1] + "/rows", pa.table({"ppl": [0.5, 0.7, math.inf]}))
table = DeltaTable(sys.argv[1] + "/rows")
rows = table.to_pyarrow_dataset()
seen = []
for text, condition in CONDITIONS.items():
    asked = QueryBuilder().register("rows", table).execute(f"select * from rows where {text}").read_all()
    seen.append((rows.to_table(filter=condition).num_rows, rows.to_table().filter(condition).num_rows, asked.num_rows))
    print(text, "dataset: {}, in memory: {}, QueryBuilder: {}".format(*seen[-1]))
raise SystemExit(seen != [(0, 2, 2), (0, 2, 2), (0, 1, 1)])
PYTHON

#!/usr/bin/env bash
# DuckDB 2.0.1 takes the types of a JSON file from its first 20,480 rows, and what comes behind them it bends to these without
# a word: where they are whole numbers, a score of 0.4 becomes 0 and 0.6 becomes 1, in lists as well; where they are null, as
# a flag or a mistake that is rare is, every later value is null. So sums, filters and the table made of the file are wrong,
# and no row is missing (duckdb issue 25786). Of a text among numbers, or a new key, it names the line, and `sample_size`.
# Needed: that error, or the value. `read_json(…, sample_size = -1)`, or `columns = {…}`, reads what is there; Parquet needs
# neither. Seen: the last of 20,481 values, with and without that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
seen=$("$folder/venv/bin/python" - "$folder/rows.jsonl" <<'PYTHON'
import json
import sys
from pathlib import Path

import duckdb

file = Path(sys.argv[1])
for first, last in ((1, 0.4), (1, 0.6), ([1], [0.4]), (None, "unsafe"), (None, 0.4), (1, "0.4")):
    file.write_text("".join(json.dumps({"n": n, "value": first if n < 20480 else last}) + "\n" for n in range(20481)))
    found = []
    for options in ("", ", sample_size = -1"):
        try:
            rows = duckdb.sql(f"select value from read_json('{file}'{options}) where n = 20480").fetchall()
        except duckdb.InvalidInputException as error:
            rows = [("line 20481" in str(error),)]
        found += [value for (value,) in rows]
    print(json.dumps(last), "->", *found)
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
0.4 -> 0 0.4
0.6 -> 1 0.6
[0.4] -> [0] [0.4]
"unsafe" -> None unsafe
0.4 -> None 0.4
"0.4" -> True "0.4"
SEEN

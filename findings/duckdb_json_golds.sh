#!/usr/bin/env bash
# DuckDB 2.0.0 reads JSON strings as dates, times and UUIDs wherever all of a column look so to it, and to it "3-1-2" is a date: an
# order, a code or a score with two hyphens becomes a day of the years 2000 to 2099. "12:30" becomes 12:30:00, a UUID loses its
# capitals, and who writes the rows again writes these. So does the content of messages. One other word in
# the column, and all stay as they are. Nothing is said. Needed: the text in the file, since JSON has a type for it.
# `read_json(…, columns = {gold: 'VARCHAR'})` gives it. Seen: "3-1-2" -> 2003-01-02.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import sys

import duckdb

COLUMNS = {
    "orders": ["3-1-2", "2-3-1"],
    "orders and a word": ["3-1-2", "none"],
    "times": ["12:30", "9:05"],
    "identifiers": ["3F2504E0-4F89-11D3-9A0C-0305E82C3301"],
    "contents": [[{"role": "assistant", "content": "3-1-2"}]],
}
kept = {}
for name, golds in COLUMNS.items():
    path = f"{sys.argv[1]}/{name}"
    with open(f"{path}.jsonl", "w") as file:
        file.writelines(json.dumps({"gold": gold}) + "\n" for gold in golds)
    duckdb.sql(f"copy (from '{path}.jsonl') to '{path}.again.jsonl'")
    with open(f"{path}.again.jsonl") as file:
        read = [json.loads(line)["gold"] for line in file]
    kept[name] = read == golds
    print(f"{name}: {golds} -> {read}")
named = duckdb.sql(f"from read_json('{sys.argv[1]}/orders.jsonl', columns = {{gold: 'VARCHAR'}})").fetchall()
print(f"orders, the column named: {[gold for (gold,) in named]}")
same = [name for name, is_same in kept.items() if is_same]
raise SystemExit(same != ["orders and a word"] or [gold for (gold,) in named] != COLUMNS["orders"])
PYTHON

#!/usr/bin/env bash
# deltalake 1.6.6: each append through a `DeltaTable` that is kept takes longer than the one before it, though the table
# writes a checkpoint every 10 commits: the handle never takes it up. After 300 commits one that is opened anew for each
# append needs about half of the processor time, opening included. `update_incremental` in between makes it no better.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
import time
from importlib.metadata import version

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

COMMITS, LAST = 300, 50
ROWS = pa.table({f"c{n}": list(range(10)) for n in range(20)})


def milliseconds(name, handle):
    """Processor time of an append at first, and after the others."""
    path, taken = f"{sys.argv[1]}/{name}", []
    kept = DeltaTable.create(path, ROWS.schema, configuration={"delta.checkpointInterval": "10"})
    for _ in range(COMMITS):
        began = time.process_time()
        write_deltalake(handle(path, kept), ROWS, mode="append")
        taken.append(1000 * (time.process_time() - began))
    return sum(taken[:LAST]) / LAST, sum(taken[-LAST:]) / LAST


def updated(path, kept):
    kept.update_incremental()
    return kept


print("deltalake", version("deltalake"))
found = {
    "opened anew": milliseconds("anew", lambda path, kept: DeltaTable(path)),
    "kept": milliseconds("kept", lambda path, kept: kept),
    "kept and updated": milliseconds("updated", updated),
}
for name, (first, last) in found.items():
    print(f"{name}: {first:.1f} ms of processor time at first, {last:.1f} ms after {COMMITS - LAST} commits")
raise SystemExit(any(found[name][1] < 1.5 * found["opened anew"][1] for name in ("kept", "kept and updated")))
PYTHON

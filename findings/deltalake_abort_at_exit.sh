#!/usr/bin/env bash
# deltalake 1.6.6 beside pyarrow 26.0.1: a process that appends to a table, reads it by `to_pyarrow_table` and ends, does
# not always end: some abort as Python exits ("terminate called without an active exception", exit code 134), though all
# that they did was done. Between 1 in 60 and every second one were seen, more on a busy machine. One that only appends
# ends well. Asks up to 300 processes, until one has aborted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import subprocess
import sys
from collections import Counter
from importlib.metadata import version

APPEND = """
import sys, pyarrow as pa
from deltalake import DeltaTable, write_deltalake
write_deltalake(sys.argv[1], pa.table({"n": list(range(1000))}), mode="append")
"""
READ = "assert DeltaTable(sys.argv[1]).to_pyarrow_table().num_rows\n"


def ends(code, table, most):
    """How processes end, up to the first that does not end well."""
    command, seen = [sys.executable, "-c", code, f"{sys.argv[1]}/{table}"], Counter()
    while seen.total() < most and set(seen) <= {0}:
        seen[subprocess.run(command, stderr=subprocess.DEVNULL).returncode] += 1
    return seen


append, both = ends(APPEND, "append", 60), ends(APPEND + READ, "both", 300)
print("deltalake", version("deltalake"), "pyarrow", version("pyarrow"))
print("append:", dict(append))
print("append and read:", dict(both))
raise SystemExit(set(append) != {0} or -6 not in both)
PYTHON

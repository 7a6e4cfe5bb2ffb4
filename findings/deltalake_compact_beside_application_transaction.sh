#!/usr/bin/env bash
# deltalake 1.6.6: of two commits from the same version that carry the same application id, the second append is refused
# ("Concurrent transaction failed"), as Delta's protocol wants it, so that a writer who was replaced lands nothing.
# optimize.compact takes the same commit_properties and drops the transactions: its commit has none in the log, and lands.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError


def signed(number):
    return CommitProperties(app_transactions=[Transaction("writer", number)])


def beside(name, late):
    """What becomes of a commit that had begun when a later writer signed the table."""
    path = f"{sys.argv[1]}/{name}"
    for _ in range(3):
        write_deltalake(path, pa.table({"a": [1]}), mode="append")
    opened, later = DeltaTable(path), DeltaTable(path)
    later.create_write_transaction([], "append", later.schema(), commit_properties=signed(2))
    try:
        late(opened)
    except CommitFailedError as error:
        return str(error)
    [*_, last] = sorted(Path(path, "_delta_log").glob("*.json"))
    signature = 'with' if '"txn"' in last.read_text() else 'without'
    return f"lands, {signature} a transaction in its commit"


append = beside("append", lambda t: write_deltalake(t, pa.table({"a": [2]}), mode="append", commit_properties=signed(1)))
compact = beside("compact", lambda t: t.optimize.compact(commit_properties=signed(1)))
print("deltalake", version("deltalake"))
print("append:", append)
print("compact:", compact)
raise SystemExit("Concurrent transaction failed" not in append or compact != "lands, without a transaction in its commit")
PYTHON

#!/usr/bin/env bash
# deltalake 1.6.6 on a local disk syncs neither the Parquet files nor the commit that names them, and no folder: a power
# cut within the next half minute can take a commit that was reported, or leave it empty. Whoever deletes the source of
# what has been committed has to sync both first. Needs strace.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
cat > "$folder/land.py" <<'PYTHON'
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

for _ in range(3):
    write_deltalake(sys.argv[1], pa.table({"n": [1]}), mode="append")
DeltaTable(sys.argv[1]).optimize.compact()
PYTHON
"$folder/venv/bin/pip" list 2>/dev/null | grep deltalake
strace -f -o "$folder/calls" -e trace=fsync,fdatasync,syncfs,sync,sync_file_range,openat \
    "$folder/venv/bin/python" "$folder/land.py" "$folder/table"
echo "files of the table opened to be written: $(grep -c "$folder/table.*O_WRONLY\|$folder/table.*O_RDWR" "$folder/calls")"
echo "calls that sync: $(grep -c 'sync(\|syncfs(\|sync_file_range(' "$folder/calls" || true)"
[ "$(grep -c "$folder/table.*O_WRONLY\|$folder/table.*O_RDWR" "$folder/calls")" -ge 8 ]
! grep -q 'sync(\|syncfs(\|sync_file_range(' "$folder/calls"

#!/usr/bin/env bash
# pyarrow 26.0.1 imports pandas for the first `pa.array` of a list of texts, though no pandas object is anywhere: where
# pandas is installed, a program that only looks some keys up pays for its import.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 pandas==3.1.1
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import time

import pyarrow as pa

before = "pandas" in sys.modules
started = time.process_time()
pa.array(["a", "b"], pa.string())
after = "pandas" in sys.modules
print(f"pyarrow {pa.__version__}: pandas imported before {before}, after {after}; {time.process_time() - started:.2f} s")
raise SystemExit((before, after) != (False, True))
PYTHON

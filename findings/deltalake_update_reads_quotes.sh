#!/usr/bin/env bash
# deltalake 1.6.6: `update(new_values=…)`, which its documentation gives for Python values where `updates` takes SQL, puts a text
# between two quotation marks and hands it on as SQL, with the marks that are in it as they are. Two in a row are one there: f''(x)
# becomes f'(x), a second derivative the first, in the row for good, and nothing is said. Of "a' || 'b" the sum is taken, ab.
# A text with one apostrophe (it's, f'(x)) is an error, and infinity the name of a column. MERGE and append keep all of them.
# Needed: the value that was given. Seen: the texts below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

SEEN = {
    "f(x) = x^3": "f(x) = x^3",
    "f''(x) = 6x": "f'(x) = 6x",
    "y'' + y = 0": "y' + y = 0",
    "say ''yes''": "say 'yes'",
    "a' || 'b": "ab",
    "f'(x) = 3x^2": None,
    "it's": None,
}
same = True
for number, (text, before) in enumerate(SEEN.items()):
    name = f"table_{number}"
    write_deltalake(name, pa.table({"id": [1], "gold": ["?"]}))
    try:
        DeltaTable(name).update(predicate="id = 1", new_values={"gold": text})
        now = DeltaTable(name).to_pyarrow_table()["gold"][0].as_py()
    except DeltaError as error:
        now = None
        print(str(error).splitlines()[0])
    same &= now == before
    print(f"{text!r} -> {now!r}{'' if now == before else ' OTHER THAN BEFORE'}")
    write_deltalake(name, pa.table({"id": [2], "gold": [text]}), mode="append")
    assert text in DeltaTable(name).to_pyarrow_table()["gold"].to_pylist()
raise SystemExit(not same)
PYTHON

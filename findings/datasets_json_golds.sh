#!/usr/bin/env bash
# datasets 5.2.0 reads a column of JSON strings as another type when every value happens to look like a date: golds such as
# "2024-03-01" become datetime objects, and so does the content of messages. With one other word among them they stay
# strings. Integers of more than 64 bits, and all integers beside one fraction, become floats: golds of number theory lose
# their last digits. Nothing is said. Needed: the text as it stands in the file, or an error (for 20 digits there is none).
# `features=` keeps the strings. Seen with pyarrow 26.0.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1
HF_HOME=$folder HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import sys

from datasets import load_dataset

COLUMNS = {
    "dates": ["2024-03-01", "1999-12-31"],
    "dates and a word": ["2024-03-01", "soon"],
    "contents": [[{"role": "assistant", "content": "2024-03-01"}]],
    "20 digits": [12345678901234567891],
    "beside a fraction": [9007199254740993, 0.5],
}
kept = {}
for name, golds in COLUMNS.items():
    path = f"{sys.argv[1]}/{name}.jsonl"
    with open(path, "w") as file:
        file.writelines(json.dumps({"gold": gold}) + "\n" for gold in golds)
    read = [row["gold"] for row in load_dataset("json", data_files=path, split="train")]
    kept[name] = read == golds
    print(f"{name}: {golds} -> {read}")
raise SystemExit([name for name, same in kept.items() if same] != ["dates and a word"])
PYTHON

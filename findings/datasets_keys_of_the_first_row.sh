#!/usr/bin/env bash
# datasets 5.2.0: `Dataset.from_list` and `Dataset.from_generator` take the first row's keys for those of all: what later rows have
# besides is dropped, and nothing is said. Rows of which some have `reasoning_content`, tools or a system prompt lose it when
# the first has none; in another order nothing is lost. The same rows as a JSON file, or keys that are missing inside of the
# messages, are read whole. Needed: all keys, as pandas takes them from rows, or an error. Seen with
# pyarrow 26.0.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1
HF_HOME=$folder HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import sys
from pathlib import Path

from datasets import Dataset, load_dataset

PLAIN, THOUGHT = {"answer": "12"}, {"answer": "18", "reasoning_content": "6 * 3"}
INNER = [{"messages": [row]} for row in (PLAIN, THOUGHT)]
file = Path(sys.argv[1], "rows.jsonl")
file.write_text("".join(json.dumps(row) + "\n" for row in (PLAIN, THOUGHT)))


def read(rows: list, by_generator: bool = False) -> list:
    data = Dataset.from_generator(lambda: iter(rows)) if by_generator else Dataset.from_list(rows)
    return [json.dumps(row).count("6 * 3") for row in data]


CASES = (
    ("from_list, the shorter row first", read([PLAIN, THOUGHT]), [0, 0]),
    ("from_generator, the shorter row first", read([PLAIN, THOUGHT], by_generator=True), [0, 0]),
    ("from_list, the longer row first", read([THOUGHT, PLAIN]), [1, 0]),
    ("from_list, inside of messages", read(INNER), [0, 1]),
    ("JSON", [json.dumps(row).count("6 * 3") for row in load_dataset("json", data_files=str(file), split="train")], [0, 1]),
)
same = True
for name, now, before in CASES:
    same &= now == before
    print(f"{name}: rows with thoughts {now}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

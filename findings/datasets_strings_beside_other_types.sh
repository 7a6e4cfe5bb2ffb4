#!/usr/bin/env bash
# datasets 5.2.0: a column of a JSON file that has strings and other values, as golds of which some are numbers do, or contents of messages of
# which some are lists of parts, is read as `Json`, and then every string in it that happens to be JSON is read once more:
# the gold "007" is 7, "1.10" is 1.1, "true" is True and "null" is no gold at all. An answer that is a number, or a piece of
# JSON, is no text any more, which chat templates print as Python does, or refuse. Texts that are no JSON stay, so that it is
# seen in a few rows only. Needed: a string that stays what it was written as. Without the other type they are. Seen with pyarrow 26.0.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1
HF_HOME=$folder HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import sys
from pathlib import Path

from datasets import load_dataset

PARTS = [{"type": "text", "text": "How many?"}]
CASES = (  # as written, as read
    (["007", "1.10", "true", "null", "12 m"], ["007", "1.10", "true", "null", "12 m"]),
    (["007", "1.10", "true", "null", "12 m", 2], [7, 1.1, True, None, "12 m", 2]),
    ([{"content": "12"}, {"content": '{"a": "1"}'}], [{"content": "12"}, {"content": '{"a": "1"}'}]),
    (
        [{"content": "12"}, {"content": '{"a": "1"}'}, {"content": PARTS}],
        [{"content": 12}, {"content": {"a": "1"}}, {"content": PARTS}],
    ),
)
same = True
for number, (written, before) in enumerate(CASES):
    file = Path(sys.argv[1], f"{number}.jsonl")
    file.write_text("".join(json.dumps({"value": value}) + "\n" for value in written))
    now = load_dataset("json", data_files=str(file), split="train")[:]["value"]
    same &= str(now) == str(before)
    print(f"{written} is read as {now}{'' if str(now) == str(before) else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

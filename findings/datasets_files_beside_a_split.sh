#!/usr/bin/env bash
# datasets 5.2.0: `load_dataset(folder)` takes all files for the split `train`, until the name of one of them, or of a folder in it,
# has the word train, test, dev, eval or validation in it: from then on those that have none are left out, and nothing is said.
# traces.jsonl is not read any more once traces-eval.jsonl lies beside it; code-test-cases.jsonl hides math.jsonl and
# logic.jsonl, and is the split `test`. Needed: a warning, or all the files. `data_files=` names them.
# Seen: the rows of the files below, by split. "latest" and "contest" are no such words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
export HF_HOME=$folder/home HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1
"$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || { cat "$folder/log"; exit 1; }
import json
import sys
from pathlib import Path

from datasets import load_dataset

SEEN = {
    ("traces.jsonl", "latest.jsonl", "contest.jsonl"): {"train": ["contest.jsonl", "latest.jsonl", "traces.jsonl"]},
    ("traces.jsonl", "traces-eval.jsonl"): {"test": ["traces-eval.jsonl"]},
    ("math.jsonl", "logic.jsonl", "code-test-cases.jsonl"): {"test": ["code-test-cases.jsonl"]},
    ("gsm8k_train.jsonl", "math_train.jsonl", "repairs.jsonl"): {"train": ["gsm8k_train.jsonl", "math_train.jsonl"]},
    ("main/a.jsonl", "2026-dev/b.jsonl"): {"validation": ["2026-dev/b.jsonl"]},
}
same = []
for number, (names, before) in enumerate(SEEN.items()):
    place = Path(sys.argv[1]) / f"{number}"
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(json.dumps({"file": name}) + "\n")
    now = {split: sorted(rows["file"]) for split, rows in load_dataset(str(place)).items()}
    print(*names, "->", now)
    same.append(now == before)
raise SystemExit(not all(same))
PYTHON
warned=$(cat "$folder/log")
echo "said: '$warned'"
[ -z "$warned" ]

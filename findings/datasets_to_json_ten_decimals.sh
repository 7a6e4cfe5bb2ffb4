#!/usr/bin/env bash
# datasets 5.2.0: `Dataset.to_json` writes a number with ten digits behind the point, and says nothing: a probability of 1e-12 is 0.0 in the
# file (1e-17 is there), and a log-probability loses half of its digits, alone and in lists. So a sum over a trace is another
# one, and the logarithm of what was read is infinite. Dates become milliseconds since 1970. pandas, which writes them,
# describes its `double_precision`; datasets does not. Needed: the number that was there, as `to_parquet` and `to_list` keep it.
# `to_json(path, double_precision=15)`, the most there is, keeps 1e-12, and fifteen digits behind the point.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
HF_HOME=$folder HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import sys
from datetime import date
from pathlib import Path

from datasets import Dataset

NUMBERS = [1e-12, -1.2345678901234e-07, -0.12345678901234567, 1e-17]
file = Path(sys.argv[1]) / "rows.jsonl"
row = {"p": NUMBERS[0], "logprobs": NUMBERS, "day": date(2026, 11, 30)}


def written(**how) -> dict:
    Dataset.from_list([row]).to_json(str(file), **how)
    return json.loads(file.read_text())


as_it_is, longer = written(), written(double_precision=15)
print("held:   ", Dataset.from_list([row])[0])
print("written:", as_it_is)
print("with double_precision=15:", longer)
raise SystemExit(
    Dataset.from_list([row])[0] != row
    or as_it_is != {"p": 0.0, "logprobs": [0.0, -1.235e-07, -0.123456789, 1e-17], "day": 1795996800000}
    or longer["logprobs"] != [1e-12, -1.23456789e-07, -0.123456789012346, 1e-17]
)
PYTHON

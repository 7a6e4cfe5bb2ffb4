#!/usr/bin/env bash
# datasets 5.2.0: `map` that makes text of a column of numbers makes numbers of the text again, where every text can be read as one
# of its kind, and keeps the column's old type: golds written as "007" or "1.500", as a grader that compares text wants them, are 7 and 1.5, and
# str() of a whole column does nothing at all. With one unit among the texts all of them stay texts. So it does with `remove_columns` of
# the column, and for numbers in place of others: int() of 1.5 is 1.0. In a column of another name the same texts stay. Nothing is
# said. Needed: what the function returned, or an error. `features=` keeps it. Seen with pyarrow 26.0.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1
HF_HOME=$folder HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - <<'PYTHON'
from datasets import Dataset, Features, Value

golds, scores = Dataset.from_dict({"gold": [12, 7]}), Dataset.from_dict({"gold": [1.5, 2.25]})
TEXT = Features({"gold": Value("string")})
CASES = (
    ("another column", golds.map(lambda row: {"text": f"{row['gold']:03d}"})["text"], ["012", "007"]),
    ("the same column", golds.map(lambda row: {"gold": f"{row['gold']:03d}"})["gold"], [12, 7]),
    ("removed", golds.map(lambda row: {"gold": f"{row['gold']:03d}"}, remove_columns=["gold"])["gold"], [12, 7]),
    ("with a unit", golds.map(lambda row: {"gold": f"{row['gold']:03d} m"})["gold"], ["012 m", "007 m"]),
    ("of fractions", scores.map(lambda row: {"gold": f"{row['gold']:.3f}"})["gold"], [1.5, 2.25]),
    ("whole", scores.map(lambda row: {"gold": int(row["gold"])})["gold"], [1.0, 2.0]),
    ("features=", golds.map(lambda row: {"gold": f"{row['gold']:03d}"}, features=TEXT)["gold"], ["012", "007"]),
)
same = True
for name, now, before in CASES:
    same &= str(list(now)) == str(before)
    print(f"{name}: {list(now)}{'' if str(list(now)) == str(before) else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

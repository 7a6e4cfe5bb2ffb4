#!/usr/bin/env bash
# inspect-ai 0.3.285: its scorer `match(numeric=True)`, which evaluations of GSM8K and the like use, compares five significant
# digits: 123457 is right where 123456 is asked, so is 3.14161 for 3.14159, and of two years' seconds each is the other. The
# documentation of `numeric` says "Is this a numeric match?" and no more. With fewer digits it is exact. `location="exact"`
# does the same. Needed: the digits that stand there. Seen: "C" for every pair below but the last, which has four digits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check inspect-ai==0.3.285
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
import asyncio

from inspect_ai.model import ModelName, ModelOutput
from inspect_ai.scorer import Target, match
from inspect_ai.solver import TaskState

PAIRS = (
    ("123456", "123457", True),
    ("1000000", "1000001", True),
    ("63072000", "63071999", True),
    ("1234568", "1,234,567", True),
    ("3.14159", "3.14161", True),
    ("9998", "9999", False),
)


def taken(gold: str, answer: str, location: str) -> bool:
    said = answer if location == "exact" else f"The answer is {answer}."
    output = ModelOutput.from_content("none/none", said)
    state = TaskState(ModelName("none/none"), 0, 1, "How many?", [], output=output)
    return asyncio.run(match(location=location, numeric=True)(state, Target(gold))).value == "C"


seen = []
for gold, answer, expected in PAIRS:
    seen += [taken(gold, answer, location) == expected for location in ("end", "any", "exact")]
    print(f"{answer} for {gold}: {seen[-3:]} (as seen before: {'right' if expected else 'wrong'})")
raise SystemExit(not all(seen))
PYTHON

#!/usr/bin/env bash
# mathruler 0.1.0, the grader that EasyR1 and its kin reward with: `grade_answer` drops the spaces of both answers before it
# compares them as text, so the mixed number 2 1/2 is 21/2, which is 10.5, and "3 4", two numbers, is 34. Units are dropped
# too where they are words of its list: 5 hours is 5 minutes. Compared as values the same pairs are apart: "2.5" is not
# 21/2. Needed: False for each. Seen: True for the five, False for the last two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mathruler==0.1.0 sympy==1.14.0 pylatexenc==2.10 tqdm
"$folder/venv/bin/python" - <<'PYTHON'
from mathruler.grader import grade_answer

PAIRS = (
    ("2 1/2", "21/2", True),
    ("1 1/4", "11/4", True),
    ("12 34", "1234", True),
    ("3 4", "34", True),
    ("5 hours", "5 minutes", True),
    ("2.5", "21/2", False),
    ("5 m", "5 cm", False),
)
seen = [grade_answer(answer, gold) for answer, gold, _ in PAIRS]
for (answer, gold, _), taken in zip(PAIRS, seen):
    print(f"{answer!r} for {gold!r}: {taken}")
raise SystemExit(seen != [expected for *_, expected in PAIRS])
PYTHON

#!/usr/bin/env bash
# reasoning-gym 0.1.25 has families whose score hardly looks at the answer. game_of_life_halting compares the truth values of two
# texts, and every text but the empty one is true: "False" has full score where the gold is True, and so has "I do not know".
# puzzle24 does not ask whether the four numbers are those that were given, and cuts the fraction off: others do, and
# 24.5 is 24. Needed: a score below 1 for each. Seen: 1.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check reasoning-gym==0.1.25
"$folder/venv/bin/python" - <<'PYTHON'
from reasoning_gym.factory import create_dataset, get_score_answer_fn


def entry(family, is_it):
    return next(each for each in create_dataset(family, size=200, seed=7) if is_it(each))


def given(each):
    return sorted(each["metadata"]["numbers"])


halting = entry("game_of_life_halting", lambda each: each["answer"] == "True")
four = entry("puzzle24", lambda each: given(each) not in ([1, 3, 3, 9], [1, 2, 7, 7]))
CASES = [
    ("game_of_life_halting", halting, "False"),
    ("game_of_life_halting", halting, "I do not know"),
    ("puzzle24", four, "9*3 - 3*1"),
    ("puzzle24", four, "7*7/2*1"),
]
scores = []
for family, each, answer in CASES:
    scores.append(get_score_answer_fn(family)(answer, each))
    asked = f"of {given(each)} " if family == "puzzle24" else ""
    print(f"{scores[-1]}  {family}  {asked}gold {each['answer']!r}  answer {answer!r}")
raise SystemExit(scores != [1.0] * len(CASES))
PYTHON

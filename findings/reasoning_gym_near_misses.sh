#!/usr/bin/env bash
# reasoning-gym 0.1.25 gives full score (1.0) to answers that are near the gold, or a piece of it, in families that ask for
# exact ones: number_sorting tolerates 1 on every element, decimal_arithmetic 0.001 where 12 digits are asked,
# number_format 0.01, coin_flip any prefix of the gold. Needed: a score below 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check reasoning-gym==0.1.25
"$folder/venv/bin/python" - <<'PYTHON'
from reasoning_gym.factory import create_dataset, get_score_answer_fn


def entry(family, **settings):
    return create_dataset(family, size=1, seed=7, **settings)[0]


def shifted(numbers, by):
    return str([str(float(number) + by) for number in numbers])


sorting, decimals, written = entry("number_sorting"), entry("decimal_arithmetic"), entry("number_format")
CASES = {
    "number_sorting": (sorting, shifted(eval(sorting["answer"]), 0.9)),
    "decimal_arithmetic": (decimals, str(float(decimals["answer"]) + 0.0009)),
    "number_format": (written, str(float(written["answer"]) + 0.009)),
    "coin_flip": ({"answer": "0.3125", "metadata": {}}, "0"),
}
scores = {family: get_score_answer_fn(family)(answer, given) for family, (given, answer) in CASES.items()}
for family, (given, answer) in CASES.items():
    print(scores[family], family, f"gold {given['answer']}", f"answer {answer}", sep="  ")
raise SystemExit(set(scores.values()) != {1.0})
PYTHON

#!/usr/bin/env bash
# verl 0.9.1: the rewards that `default_compute_score` picks by the name of a data set give full marks to other numbers.
# GSM8K's reads "#### 3/4" as 3 and "#### 5 million" as 5, and gives nothing for "#### 18." and "#### $18" where the gold is 18.
# AIME's (and `math`'s) drops units and the commas of tuples: 5 hours are 5 minutes, (without brackets) 3,4 is 34. Numina's
# takes what lies within a ten-thousandth of the gold, of a hundredth of it, or of a hundred times it: 10001 is
# 10000, and 100 is 1. MATH's takes blanks out before it compares: 1 1/2 is 11/2.
# Needed: the reward for the gold alone, and for each spelling of it. Seen with torch 2.13.0 and sympy 1.14.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 tensordict ray==2.60.0 transformers==5.23.0 \
    omegaconf pylatexenc sympy==1.14.0 pandas codetiming
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps verl==0.9.1
"$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
from verl.utils.reward_score import default_compute_score

WRONG = [
    ("openai/gsm8k", "#### 3/4", "3"),
    ("openai/gsm8k", "#### 5 million", "5"),
    ("aime2024", "Answer: 5 hours", "5 minutes"),
    ("aime2024", "Answer: 3,4", "34"),
    ("numina_olympiads", r"\boxed{10001}", "10000"),
    ("numina_olympiads", r"\boxed{100}", "1"),
    ("lighteval/MATH", r"\boxed{1 1/2}", "11/2"),
]
RIGHT = [("openai/gsm8k", "The answer is\n#### 18.", "18"), ("openai/gsm8k", "#### $18", "18")]


def score(source, response, gold):
    given = default_compute_score(source, response, gold)
    return given["score"] if isinstance(given, dict) else given


scores = [[score(*case) for case in cases] for cases in (WRONG, RIGHT)]
for cases, given in zip((WRONG, RIGHT), scores, strict=True):
    for (source, response, gold), each in zip(cases, given, strict=True):
        print(f"{source}: {response!r} where the gold is {gold}: {each}")
raise SystemExit(scores != [[1.0] * len(WRONG), [0.0] * len(RIGHT)])
PYTHON

#!/usr/bin/env bash
# math-verify 0.9.0 takes two different equations for the same answer when neither has a variable left, or when neither
# has a solution: both sides become sympy's True (or False), and those are equal.
# Seen: True for every pair below, of which none is the same answer. Needed: False, or a comparison side by side.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2_extended==1.11.0 sympy==1.14.0
"$folder/venv/bin/python" - <<'PYTHON'
from math_verify import parse, verify

PAIRS = [
    ("2+2=4", "2+2=5"),
    (r"\log_{8}(4)=\frac{2}{3}", r"\log_{8}(4)=\frac{3}{2}"),
    ("2>1", "3>2"),
    ("x^2+y^2=-1", "a^2=-5"),
]
said = [verify(parse(f"${gold}$"), parse(f"${answer}$")) for gold, answer in PAIRS]
for pair, taken in zip(PAIRS, said, strict=True):
    print(taken, *pair, sep="  ")
raise SystemExit(said != [True] * len(PAIRS))
PYTHON

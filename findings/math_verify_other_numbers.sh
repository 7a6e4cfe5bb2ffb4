#!/usr/bin/env bash
# math-verify 0.9.0 reads notations that school and competition answers are full of as another number, and then takes different
# answers for the same: of a repeating decimal it keeps the part before the bar (0.333… is 0), of a number with a base the
# digits, of a congruence the residue or the modulus alone, of degrees and minutes the sum, of "3²" the 3.
# Seen: True for every pair below, of which none is the same answer. Needed: False, or nothing parsed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2_extended==1.11.0 sympy==1.14.0
"$folder/venv/bin/python" - <<'PYTHON'
from math_verify import parse, verify

PAIRS = [
    (r"0.\overline{3}", "0"),
    (r"0.\overline{3}", r"0.\overline{6}"),
    ("101_2", "101_3"),
    (r"x \equiv 3 \pmod{7}", r"x \equiv 3 \pmod{11}"),
    (r"x \equiv 3 \pmod 7", r"x \equiv 4 \pmod 7"),
    (r"15^\circ 30'", r"30^\circ 15'"),
    ("3²", "3"),
]
said = [verify(parse(f"${gold}$"), parse(f"${answer}$")) for gold, answer in PAIRS]
for pair, taken in zip(PAIRS, said, strict=True):
    print(taken, *pair, sep="  ")
raise SystemExit(said != [True] * len(PAIRS))
PYTHON

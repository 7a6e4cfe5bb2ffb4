#!/usr/bin/env bash
# inspect-ai 0.3.285: its scorer `math()` drops the units of answer and target before it compares: 5 hours are right for 5 minutes, 5 km
# for 5 m and 5 kg for 5 g, while the right answer in another unit, 5000 g, is wrong. (Units that it does not know
# stay: 5 euros are not 5 dollars.) Numbers with a point or an exponent may differ by 1e-10, whatever their size: the charge of an
# electron, 1.6e-19, is right for its mass, 9.1e-31, and any small number for another, or for 0. Nothing of it is in
# its page. Needed: units compared where both have one, and the tolerance relative. Seen: C for correct, I for incorrect.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check inspect-ai==0.3.285 latex2sympy2-extended==1.11.0 antlr4-python3-runtime==4.13.2
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from types import SimpleNamespace

from inspect_ai.scorer import Target, math

CASES = (  # target, answer, score
    ("18", "18", "C"),
    ("5 minutes", "5 hours", "C"),
    ("5 m", "5 km", "C"),
    ("5 g", "5 kg", "C"),
    ("5 kg", "5000 g", "I"),
    ("5 dollars", "5 euros", "I"),
    ("2e-6", "1e-6", "I"),
    ("9.1e-31", "1.6e-19", "C"),
    ("6.63e-34", "1.05e-34", "C"),
    (r"6.63 \times 10^{-34}", r"1.05 \times 10^{-34}", "C"),
    ("0", "1e-12", "C"),
)
scorer = math(timeout=60)


async def score(target: str, answer: str) -> str:
    state = SimpleNamespace(output=SimpleNamespace(completion=f"ANSWER: {answer}"))
    return (await scorer(state, Target([target]))).value


same = True
for target, answer, before in CASES:
    now = asyncio.run(score(target, answer))
    same &= now == before
    print(f"target {target}: {answer} is {now}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

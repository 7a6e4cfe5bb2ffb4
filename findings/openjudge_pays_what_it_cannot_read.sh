#!/usr/bin/env bash
# py-openjudge 0.2.4 (OpenJudge, once RM-Gallery): MathExpressionVerifyGrader gives 1.0, the full score, when math-verify raises, which it always
# does outside of a process's main thread: there every answer is right, "banana", too. A server, a notebook's worker
# or a trainer that calls its reward in a thread pays all alike; nothing is raised or logged, the reason alone says it. And
# NumberAccuracyGrader pairs the numbers of the two texts in the order in which they stand: a response that shows its work is
# wrong ("2 boxes of 9 make 18" where 18 is asked), one that goes on behind the number is right, "1,999" has half of "1,234" (its 1),
# 5e10 half of 5e2, 1e6 and 1/2 all of 1, and -8 behind an equals sign of 10-18 nothing. Needed: 0, or an error, for what was not read.
# Seen: the scores below, of the graders' own code; of their framework, which no rule uses, names stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2-extended==1.11.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/judge" py-openjudge==0.2.4
"$folder/venv/bin/python" - "$folder/judge/openjudge/graders" <<'PYTHON'
import asyncio
import runpy
import sys
import types
from concurrent.futures import ThreadPoolExecutor

stand_in = {
    "openjudge": {},
    "openjudge.graders": {},
    "openjudge.evaluation_strategy": {"BaseEvaluationStrategy": object},
    "openjudge.graders.schema": {},
    "openjudge.graders.base_grader": {
        "BaseGrader": type("BaseGrader", (), {"__init__": lambda self, name, **_: setattr(self, "name", name)}),
        "GraderMode": types.SimpleNamespace(POINTWISE="pointwise"),
        "GraderScore": types.SimpleNamespace,
    },
}
stand_in["openjudge.graders.schema"] = stand_in["openjudge.graders.base_grader"]
for name, content in stand_in.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(content, __path__=[])
by_math = runpy.run_path(f"{sys.argv[1]}/math/math_expression_verify.py")["MathExpressionVerifyGrader"]()
by_number = runpy.run_path(f"{sys.argv[1]}/text/number_accuracy.py")["NumberAccuracyGrader"]()


def score(grader: object, response: str, gold: str) -> float:
    return asyncio.run(grader._aevaluate(response, gold)).score


MATH = (("18", 1.0, 1.0), ("19", 0.0, 1.0), ("banana", 0.0, 1.0))  # for 18: in the main thread, and in another
NUMBERS = (
    ("18", "18", 1.0),
    ("19", "18", 0.0),
    ("2 boxes of 9 make 18", "18", 0.0),
    ("18 it is, or 12", "18", 1.0),
    ("1,999", "1,234", 0.5),
    ("5e10", "5e2", 0.5),
    ("1e6", "1", 1.0),
    ("1/2", "1", 1.0),
    ("10-18=-8", "-8", 0.0),
)
same = True
for text, here, there in MATH:
    with ThreadPoolExecutor(1) as threads:
        now = score(by_math, text, "18"), threads.submit(score, by_math, text, "18").result()
    same &= now == (here, there)
    print(f"math, gold 18: {text} has {now[0]}, in another thread {now[1]}")
for text, gold, before in NUMBERS:
    same &= score(by_number, text, gold) == before
    print(f"numbers, gold {gold}: {text} has {score(by_number, text, gold)}")
raise SystemExit(not same)
PYTHON

#!/usr/bin/env bash
# lm-eval 0.4.13: the tasks `minerva_math_…` (MATH) compare by sympy's `parse_latex` (1.14.0), which reads as far as it understands and
# says nothing of the rest: what stands behind a comma, an arrow or the base of a number. So, where the roots -2, 3 are
# asked for, any list that begins with -2 is exact, and so is -2 alone; 101_2 is 101, and 12_5 is 12_7. The list in another order is
# wrong, which is right where one is asked for. Needed: the whole answer. Their other metric, `math_verify`, is without this error.
# Seen: `exact_match` of the task's own code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps lm-eval==0.4.13 sympy==1.14.0 mpmath==1.3.0 math-verify==0.9.0 \
    latex2sympy2-extended==1.11.0 antlr4-python3-runtime==4.11.0
"$folder/venv/bin/python" - 2> /dev/null <<'PYTHON'
import runpy
from importlib.util import find_spec

[package] = find_spec("lm_eval").submodule_search_locations
task = runpy.run_path(f"{package}/tasks/minerva_math/utils.py")
CASES = (  # gold, answer, exact_match
    ("-2,3", "-2, 3", 1),
    ("-2,3", "-2, 5", 1),
    ("-2,3", "-2", 1),
    ("-2,3", "3, -2", 0),
    ("5", "5 \\to 7", 1),
    ("101_2", "101", 1),
    ("12_7", "12_5", 1),
    ("18", "18", 1),
    ("18", "19", 0),
)
same = True
for gold, answer, before in CASES:
    solution = f"Thus $\\boxed{{{gold}}}$."
    doc = {"solution": solution, "answer": task["normalize_final_answer"](gold)}
    text = f"Final Answer: The final answer is ${answer}$. I hope it is correct."
    now = task["process_results"](doc, [text])
    same &= now["exact_match"] == before
    print(f"gold {gold}, answered {answer}: {now}{'' if now['exact_match'] == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

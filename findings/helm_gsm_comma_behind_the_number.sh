#!/usr/bin/env bash
# crfm-helm 0.5.16 (HELM): the metric of its GSM8K, `final_number_exact_match`, takes the last number of a response, and takes for one a comma
# that no figure precedes: a right answer with such a comma behind it, "She makes 18 dollars, every day." or "18, that is,
# nine pairs.", is read as the empty text and wrong. Who writes the same without it is right. What is found is compared as text,
# so that 18.00 is wrong. Needed: the last number that has a figure, compared as one. Seen: the metric by the wheel's own function.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/helm" crfm-helm==0.5.16
"$folder/venv/bin/python" - "$folder/helm/helm/benchmark/metrics/evaluate_reference_metrics.py" <<'PYTHON'
import ast
import re
import sys
from pathlib import Path

rules = {"re": re}
for node in ast.parse(Path(sys.argv[1]).read_text()).body:  # alone, without the packages of the other metrics
    if isinstance(node, ast.FunctionDef) and node.name in ("exact_match", "final_number_exact_match"):
        exec(compile(ast.Module([node], []), sys.argv[1], "exec"), rules)
GOLD = "She sells 9 eggs for $2. 9 * 2 = 18. The answer is 18."
CASES = (
    ("She makes 18 dollars every day.", 1.0),
    ("She makes 19 dollars every day.", 0.0),
    ("She makes 18 dollars, every day.", 0.0),
    ("The answer is 18, that is, nine pairs.", 0.0),
    ("The answer is 18, that is nine pairs.", 1.0),
    ("The answer is 18.00.", 0.0),
    ("Working, step by step, I find 1,000 - 982 = 18.", 1.0),
)
same = True
for text, before in CASES:
    now = rules["final_number_exact_match"](GOLD, text)
    same &= now == before
    print(f"{text} {now}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

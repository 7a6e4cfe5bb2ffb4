#!/usr/bin/env bash
# rewardbench 0.1.4 (AI2) asks its generative judges for an explanation and then a verdict, [[A]] or [[B]], and takes [[A]] wherever
# it stands: a judge that repeats the format, weighs both or corrects itself has chosen A, whatever it says last. The right
# answer is A or B by lot, so that such a judge scores a half, and what is measured is whether a judge writes its letters
# once. RewardBench 2 does the same with [[A]] to [[D]]; the judge `offsetbias` with "Output (a)". Prometheus's is read at its
# end, and a line break there is an error. Needed: the last verdict. The modules are loaded by themselves: they import
# clients of five providers. Seen: the verdicts below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" rewardbench==0.1.4
"$folder/venv/bin/python" - "$folder/packages/rewardbench" <<'PYTHON'
import runpy
import sys
from types import ModuleType


class Anything:
    def __getattr__(self, name):
        return name


CLIENTS = "anthropic openai together google google.generativeai google.generativeai.types fastchat fastchat.conversation"
for name in CLIENTS.split():
    module = sys.modules[name] = ModuleType(name)
    module.__path__, module.__dict__["__getattr__"] = [], lambda part: Anything()
first = runpy.run_path(f"{sys.argv[1]}/generative.py")["process_judgement"]
second = runpy.run_path(f"{sys.argv[1]}/generative_v2.py")["process_judgement"]
CASES = (
    (first, None, "A leaves out the unit. [[B]]", "B"),
    (first, None, "I looked for '[[A]]' if A is better, else '[[B]]'. A leaves out the unit. My verdict: [[B]]", "A"),
    (first, None, "[[A]]. Wait, A leaves out the unit, and B does not. So it is [[B]]", "A"),
    (first, None, "[[B]]. Wait, B leaves out the unit, and A does not. So it is [[A]]", "A"),
    (first, "offsetbias", "Output (a) leaves out the unit: Output (b)", "A"),
    (first, "prometheus", "A leaves out the unit. [RESULT] B", "B"),
    (first, "prometheus", "A leaves out the unit. [RESULT] B\n", "error"),
    (second, None, "[[A]] is short, [[B]] wrong, [[C]] rude. The best is [[D]]", "A"),
)
same = True
for judge, model, judgement, before in CASES:
    now = judge(judgement, model)
    same &= now == before
    print(f"{judgement!r} -> {now}")
raise SystemExit(not same)
PYTHON

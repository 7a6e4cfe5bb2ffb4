#!/usr/bin/env bash
# lighteval 0.13.0: its grader of LiveCodeBench puts the statements of a program into a function before it runs them. What the program
# defines at its top is local there, so a function of it that says `global` finds nothing: a right program ends in a NameError, and
# scores as a wrong one (-4). The same program without `global` passes.
# Needed: the program run as Python runs it. Seen: what plain Python prints, and what the grader says, of both programs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.4 tqdm==4.67.1
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" lighteval==0.13.0
seen=$("$folder/venv/bin/python" - "$folder/packages/lighteval/tasks/tasks/lcb/codegen_metrics.py" <<'PYTHON'
import contextlib
import io
import runpy
import subprocess
import sys

grader = runpy.run_path(sys.argv[1])
PROGRAMS = {
    "with global": """
total = 0
def add(n):
    global total
    total += n
for word in input().split():
    add(int(word))
print(total)
""",
    "without": """
def add(total, n):
    return total + n
total = 0
for word in input().split():
    total = add(total, int(word))
print(total)
""",
}
for name, program in PROGRAMS.items():
    plain = subprocess.run([sys.executable, "-c", program], input="1 2 3\n", capture_output=True, text=True).stdout
    with contextlib.redirect_stdout(io.StringIO()):
        graded = grader["grade_stdio"](program, ["1 2 3\n"], ["6\n"], 6)
    print(f"{name}: Python prints {plain!r}, the grader says {graded}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
with global: Python prints '6\n', the grader says [-4]
without: Python prints '6\n', the grader says [True]
SEEN

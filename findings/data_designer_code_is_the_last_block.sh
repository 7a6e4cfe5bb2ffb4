#!/usr/bin/env bash
# NVIDIA Data Designer 0.9.7: a code column holds the last code block of the response, whatever it is, unless its fence names
# another language. Models that show what the program prints do so in a fence without a name; then the column has the
# output, and the program is gone. So it is where an explanation behind the program has a line that is indented by four
# blanks, which Markdown takes for code as well. The same response without it has the program. Lines that begin
# indented, as the body of a function does, lose the first one's indentation, and are a syntax error. Needed: the block
# of the language asked for, as it was written. Seen: what the recipe for code columns reads, of its own code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check data-designer==0.9.7
export HOME=$folder DO_NOT_TRACK=1 NEMO_TELEMETRY_ENABLED=false
"$folder/venv/bin/python" - <<'PYTHON'
from data_designer.engine.models.recipes.response_recipes import CodeResponseRecipe

PROGRAM = "```python\nfor n in range(2):\n    print(n)\n```"
CASES = (
    (PROGRAM, "for n in range(2):\n    print(n)"),
    (f"{PROGRAM}\nIt prints two numbers.", "for n in range(2):\n    print(n)"),
    (f"{PROGRAM}\nIt prints:\n```\n0\n1\n```", "0\n1"),
    (f"{PROGRAM}\n\nFor three of them:\n\n    range(3)\n", "range(3)"),
    ("```python\n    total = 1\n    return total\n```", "total = 1\n    return total"),
)
recipe = CodeResponseRecipe(syntax="python")
same = True
for response, before in CASES:
    now = recipe.parse(response)
    same &= now == before
    print(f"{response!r} is read as {now!r}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

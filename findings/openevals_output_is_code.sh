#!/usr/bin/env bash
# openevals 0.2.2 (LangChain): `code_extraction_strategy="markdown_code_blocks"`, by which its evaluators for pyright, mypy and E2B find the code of a
# response, joins all blocks but those of shells and JSON, also what the program prints, in a block without a name or called `text`, so
# that a right program is a syntax error and fails. A block in a list, which is indented, or one whose fence says more than a
# word, as ```python title="a.py", is not seen; the end of the latter is taken for a beginning, and the fence of the block behind it
# for code. Needed: the blocks of the language that is asked for. Seen: what is extracted, and whether it compiles, by the wheel's own function.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/evals" openevals==0.2.2
"$folder/venv/bin/python" - "$folder/evals/openevals/code/base.py" <<'PYTHON'
import ast
import sys
from pathlib import Path
from typing import Optional

rules = {"Optional": Optional}
for node in ast.parse(Path(sys.argv[1]).read_text()).body:  # alone, without langchain
    if isinstance(node, ast.FunctionDef) and node.name == "_extract_code_from_markdown_code_blocks":
        exec(compile(ast.Module([node], []), sys.argv[1], "exec"), rules)


def compiles(code: str | None) -> bool:
    try:
        return bool(code) and bool(compile(code, "answer.py", "exec"))
    except SyntaxError:
        return False


PROGRAM = "```python\nprint(18, 'pens')\n```"
CASES = (  # response, what is extracted, does it compile?
    (PROGRAM, "print(18, 'pens')\n", True),
    (f"{PROGRAM}\nIt prints:\n```\n18 pens\n```", "print(18, 'pens')\n\n18 pens\n", False),
    (f"{PROGRAM}\nIt prints:\n```text\n18 pens\n```", "print(18, 'pens')\n\n18 pens\n", False),
    (f"{PROGRAM}\nRun it:\n```bash\npython answer.py\n```", "print(18, 'pens')\n", True),
    ("1. So:\n   ```python\n   print(18)\n   ```\n", None, False),
    ('```python title="a.py"\nimport b\n```\n```python\nx = 18\n```', "```python\nx = 18\n", False),
)
same = True
for response, *before in CASES:
    code = rules["_extract_code_from_markdown_code_blocks"](response)
    now = [code, compiles(code)]
    same &= now == before
    print(f"{response!r}: {code!r}, compiles: {now[1]}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

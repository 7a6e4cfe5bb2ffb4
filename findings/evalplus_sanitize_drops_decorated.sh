#!/usr/bin/env bash
# evalplus 0.3.1 (HumanEval+, MBPP+): `evalplus.codegen` hands every response through `sanitize`, which keeps imports, and
# functions, classes and plain assignments that the entry point needs. What has a decorator is none of these to it: a right
# solution with `@lru_cache` is left as its import, or calls a helper that has gone, and fails. So do constants that are
# assigned together (`a, b = 2, 3`). Of two definitions of a function it keeps the first, where Python has the second, and of
# several blocks the longest, as a whole: a draft that is then corrected is what counts. Nothing is said. bigcodebench 0.2.5
# has the same code. Needed: the program as Python runs it. Seen: of six right solutions, what each gives unsanitized and
# sanitized.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tree-sitter==0.26.1 tree-sitter-python==0.25.0 \
    datasets==5.2.0 tqdm appdirs wget tempdir termcolor
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps evalplus==0.3.1
seen=$(HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
from evalplus.sanitize import sanitize

MEMO = "from functools import cache\n\n"
FENCES = "Draft:\n```python\ndef f(n):\n{draft}```\nWait, 3 + 3 is not 9.\n```python\ndef f(n):\n    return n * n\n```\n"
SOLUTIONS = {
    "plain": "def f(n):\n    return n * n\n",
    "decorated": MEMO + "@cache\ndef f(n):\n    return n * n\n",
    "decorated helper": MEMO + "@cache\ndef square(n):\n    return n * n\n\ndef f(n):\n    return square(n)\n",
    "two constants": "a, b = 2, 1\n\ndef f(n):\n    return n**a * b\n",
    "defined again": "def f(n):\n    return n + n\n\n\ndef f(n):\n    return n * n\n",
    "longer draft": FENCES.format(draft="    other = n\n    return n + other\n"),
}


def of_three(code: str) -> object:
    names: dict[str, object] = {}
    try:
        exec(code, names)
        return names["f"](3)
    except Exception as error:
        return type(error).__name__


for name, code in SOLUTIONS.items():
    asis = code.split("```python\n")[-1].removesuffix("```\n")
    print(f"{name}: {of_three(asis)}, sanitized {of_three(sanitize(code, 'f'))}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
plain: 9, sanitized 9
decorated: 9, sanitized KeyError
decorated helper: 9, sanitized NameError
two constants: 9, sanitized NameError
defined again: 9, sanitized 6
longer draft: 9, sanitized 6
SEEN

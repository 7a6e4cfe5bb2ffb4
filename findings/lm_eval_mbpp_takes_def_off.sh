#!/usr/bin/env bash
# lm-eval 0.4.13: `mbpp_instruct` and `mbpp_plus_instruct` open a code block for the model and put the three backticks before what it
# writes, without the line break: the first word then passes for the name of a language. A program that begins at once with
# `def`, `import` or `from` loses that word and fails, be it right; one that begins with a line break, as after a chat template
# that strips the prefix, is read. So models score 0.0 by their template (issue 3447, pull requests 3710, 3769 and 4091). Of two
# blocks the first is run, and of words before a block the words. Needed: the program, the last one. Seen: what is run.
# `evaluate`, whose metric comes from a hub, has a stand-in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" lm-eval==0.4.13
seen=$("$folder/venv/bin/python" - "$folder/packages/lm_eval/tasks/mbpp/utils.py" <<'PYTHON'
import runpy
import sys
from types import ModuleType, SimpleNamespace

sys.modules["evaluate"] = ModuleType("evaluate")
sys.modules["evaluate"].load = lambda name: SimpleNamespace(compute=lambda **settings: None)
read = runpy.run_path(sys.argv[1])["build_predictions"]
for response in (
    "\ndef f(n):\n    return n\n```",
    "def f(n):\n    return n\n```",
    "import re\n\ndef f(n):\n    return n\n```",
    "def f(n):\n    return n",
    "\ndef f(n):\n    return 0\n```\nNo, that is 0:\n```python\ndef f(n):\n    return n\n```",
    "Here it is:\n```python\ndef f(n):\n    return n\n```",
):
    print(f"{response!r} runs {read([[response]], [{}])[0][0]!r}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
'\ndef f(n):\n    return n\n```' runs 'def f(n):\n    return n'
'def f(n):\n    return n\n```' runs ' f(n):\n    return n'
'import re\n\ndef f(n):\n    return n\n```' runs ' re\n\ndef f(n):\n    return n'
'def f(n):\n    return n' runs ''
'\ndef f(n):\n    return 0\n```\nNo, that is 0:\n```python\ndef f(n):\n    return n\n```' runs 'def f(n):\n    return 0'
'Here it is:\n```python\ndef f(n):\n    return n\n```' runs ' it is:'
SEEN

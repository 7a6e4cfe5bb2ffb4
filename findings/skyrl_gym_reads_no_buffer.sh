#!/usr/bin/env bash
# skyrl-gym 0.4.0 (NovaSky): the reward of its environment `lcb`, for LiveCodeBench, runs a program as the body of a function
# and with a text in place of standard input. Right programs of the plainest kind then end in an error and earn nothing: those
# that read `sys.stdin.buffer`, the usual way where input is long, and those with a `global` name. Of functions it compares
# results by `==`: 0.1 * 3 is wrong where 0.3 is asked, and so are pairs in a list that JSON wrote as lists. A policy learns
# to avoid what works everywhere else. Needed: the reward of a program run as one; a tolerance for floats. Seen: 0 for each
# right program below but the first. The file is loaded by itself: the package asks for all that training needs. Its prelude
# imports pandas, which has to be loaded before: what it takes away from `os` includes what importing needs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps skyrl-gym==0.4.0
seen=$("$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import json
import sys
from pathlib import Path

import pandas  # noqa: F401

source = Path(sys.prefix, "lib", f"python3.{sys.version_info.minor}", "site-packages/skyrl_gym/envs/lcb/livecodebench.py")
lcb = {"__name__": "livecodebench"}
exec(compile(source.read_text(), str(source), "exec"), lcb)

SUM = {"input": "3\n1 2 3\n", "output": "6\n", "testtype": "stdin"}
THIRD = {"input": "3", "output": "0.3", "testtype": "functional", "metadata": {"func_name": "tenth"}}
PAIRS = {"input": "2", "output": "[[0, 1]]", "testtype": "functional", "metadata": {"func_name": "pairs"}}
PROGRAMS = {
    "input()": (SUM, "input()\nprint(sum(map(int, input().split())))"),
    "stdin.buffer.read()": (SUM, "import sys\nn, *each = map(int, sys.stdin.buffer.read().split())\nprint(sum(each))"),
    "stdin.buffer.readline": (SUM, "import sys\nread = sys.stdin.buffer.readline\nread()\nprint(sum(map(int, read().split())))"),
    "global": (SUM, "total = 0\n\n\ndef add(n):\n    global total\n    total += n\n\n\ninput()\nfor n in input().split():\n"
               "    add(int(n))\nprint(total)"),
    "0.1 * 3": (THIRD, "class Solution:\n    def tenth(self, n):\n        return 0.1 * n"),
    "pairs": (PAIRS, "class Solution:\n    def pairs(self, n):\n        return list(zip(range(0, n, 2), range(1, n, 2)))"),
    "wrong": (SUM, "print(7)"),
}
for name, (test, code) in PROGRAMS.items():
    _, reward = lcb["compute_score"](f"```python\n{code}\n```", [test])
    print(f"{name}: {reward}", flush=True)
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
input(): 1.0
stdin.buffer.read(): 0.0
stdin.buffer.readline: 0.0
global: 0.0
0.1 * 3: 0.0
pairs: 0.0
wrong: 0.0
SEEN

#!/usr/bin/env bash
# atroposlib 0.4.0 (Nous Research): the reward `accuracy`, which "works with boxed LaTeX answers, GSM8K-style answers, and other formats",
# reads the answer behind `####` by `[\d\.]+`, at the first place that has one. So "#### 1,234" earns nothing for 1234 and
# all of it for 1, "#### 18/5" and "#### 18 million" earn it for 18, and a negative answer, or one with $, earns nothing at all. Of a
# response that corrects itself the draft is paid, not the answer. Golds are read with their commas, boxes too. Needed: 1 for
# the right answers, 0 for the others. Seen: the rewards below, of the package's own code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2-extended==1.11.0 pyyaml
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/atropos" atroposlib==0.4.0
"$folder/venv/bin/python" - "$folder/atropos/atroposlib" 2> /dev/null <<'PYTHON'
import sys
import types

for name, path in (("atroposlib", sys.argv[1]), ("atroposlib.envs", f"{sys.argv[1]}/envs")):  # without its servers
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]
from atroposlib.envs.reward_fns.accuracy_reward import AccuracyReward

CASES = (  # end of the response, gold, reward
    ("#### 18", "18", 1.0),
    ("#### 19", "18", 0.0),
    ("#### 1234", "1,234", 1.0),
    ("#### 1,234", "1,234", 0.0),
    ("#### 1,234", "1", 1.0),
    ("#### -18", "-18", 0.0),
    ("#### $18", "18", 0.0),
    ("#### 18/5", "18", 1.0),
    ("#### 18 million", "18", 1.0),
    ("#### 12\nThat leaves out the tax.\n#### 18", "18", 0.0),
    ("#### 12\nThat leaves out the tax.\n#### 18", "12", 1.0),
    (r"\boxed{1,234}", "1,234", 1.0),
)
same = True
for text, gold, before in CASES:
    [now] = AccuracyReward()([[{"role": "assistant", "content": text}]], solution=gold)
    same &= now == before
    print(f"gold {gold}: {text!r} earns {now}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

#!/usr/bin/env bash
# trinity-rft 0.6.0 (Trinity, once with ModelScope): its reward `math_boxed_reward` compares letter by letter once units are gone: 5 km earns all of 5 m,
# while 1,234 earns nothing for 1234 and 0.5 nothing for \frac{1}{2}; and a response that writes `\boxed ` anywhere, as one
# that talks about the form does, is read from there to the next $, not by its last box. The `countdown_reward` reads the last
# line alone: a right equation earns nothing, not even the 0.1 for the form, when a line break stands within or behind `</answer>`.
# `math_reward` reads the first <answer>, also one within the thoughts. Needed: one answer, one reward. Seen: the rewards below, of the
# package's own code; of its package, names stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2-extended==1.11.0 regex word2number
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/rft" trinity-rft==0.6.0
"$folder/venv/bin/python" - "$folder/rft/trinity" 2> /dev/null <<'PYTHON'
import json
import logging
import sys
from types import ModuleType

PACKAGES = {"trinity": "", "trinity.common": "/common", "trinity.common.rewards": "/common/rewards", "trinity.utils": "/utils"}
for name, path in PACKAGES.items():
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = [sys.argv[1] + path]
sys.modules["trinity.utils.log"] = ModuleType("trinity.utils.log")
sys.modules["trinity.utils.log"].get_logger = logging.getLogger
from trinity.common.rewards.countdown_reward import CountDownRewardFn
from trinity.common.rewards.math_reward import MathBoxedRewardFn, MathRewardFn

COUNTDOWN = json.dumps({"target": 18, "numbers": [6, 3]})
CASES = (  # reward, response, truth, what it earns
    (MathBoxedRewardFn, r"\boxed{18}", "18", 1.0),
    (MathBoxedRewardFn, r"\boxed{19}", "18", 0.0),
    (MathBoxedRewardFn, r"\boxed{5\text{ km}}", r"5\text{ m}", 1.0),
    (MathBoxedRewardFn, r"\boxed{1,234}", "1234", 0.0),
    (MathBoxedRewardFn, r"\boxed{0.5}", r"\frac{1}{2}", 0.0),
    (MathBoxedRewardFn, r"It goes into \boxed as asked: \boxed{18}", "18", 0.0),
    (CountDownRewardFn, "<answer>6*3</answer>", COUNTDOWN, 1.0),
    (CountDownRewardFn, "<answer>6*3</answer>\n", COUNTDOWN, 0.0),
    (CountDownRewardFn, "<answer>\n6*3\n</answer>", COUNTDOWN, 0.0),
    (MathRewardFn, "<think>Easy.</think><answer>18</answer>", "18", 1.0),
    (MathRewardFn, "<think>Not <answer>12</answer>.</think><answer>18</answer>", "18", 0.0),
    (MathRewardFn, "<think>Not <answer>12</answer>.</think><answer>18</answer>", "12", 1.0),
)
same = True
for reward, text, truth, before in CASES:
    earned = reward()(text, truth=truth)
    now = earned.get("accuracy", earned.get("score"))
    same &= now == before
    print(f"{reward.__name__}, truth {truth}: {text!r} earns {now}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

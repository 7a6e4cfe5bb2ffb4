#!/usr/bin/env bash
# google-tunix 0.1.7: the rewards of its GRPO recipes for GSM8K read the first run of digits and points behind the first `<answer>`,
# wherever that stands: the sign is dropped, and a comma or a slash ends the number. In `cli/reward_fn/simple_math.py` that is
# the whole reward: -5 earns it for the gold 5 and nothing for the gold -5, 1,450 is 1 and 3/4 is 3. `check_numbers` of
# `gsm8k.py` pays 1.5 by the same rule, beside the 3 for the answer, which is the first one behind the reasoning: who
# answers, sees the mistake and answers again earns what a wrong answer earns. Needed: the number as it is written, of the
# last answer. Seen: the rewards below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check absl-py==2.4.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/tunix" google-tunix==0.1.7
"$folder/venv/bin/python" - "$folder/tunix/tunix/cli/reward_fn" <<'PYTHON'
import runpy
import sys

simple = runpy.run_path(f"{sys.argv[1]}/simple_math.py")["check_answer"]
gsm8k = runpy.run_path(f"{sys.argv[1]}/gsm8k.py")
ANSWER = "<reasoning>Counted.</reasoning><answer>{}</answer>"
AGAIN = "<reasoning>Counted.</reasoning><answer>7</answer> No, 3 times 4 is 12. <answer>12</answer>"
CASES = (  # completion, gold, then simple_math, check_numbers and check_answer of gsm8k
    (ANSWER.format("5"), "5", (1, 1.5, 3.0)),
    (ANSWER.format("-5"), "5", (1, 1.5, -1.0)),
    (ANSWER.format("-5"), "-5", (0.0, 0.0, 3.0)),
    (ANSWER.format("1,450"), "1450", (0.0, 0.0, 3.0)),
    (ANSWER.format("1,450"), "1", (1, 1.5, -1.0)),
    (ANSWER.format("3/4"), "3", (1, 1.5, -0.5)),
    ("<reasoning>Is it <answer>7</answer>? No.</reasoning><answer>12</answer>", "12", (0.0, 0.0, 3.0)),
    (AGAIN, "12", (0.0, 0.0, -1.0)),
    (AGAIN, "7", (1, 1.5, 3.0)),
)
same = True
for completion, gold, before in CASES:
    rewards = (simple, gsm8k["check_numbers"], gsm8k["check_answer"])
    now = tuple(reward([""], [completion], [gold])[0] for reward in rewards)
    same &= now == before
    print(f"gold {gold}: {completion!r} -> {now}")
raise SystemExit(not same)
PYTHON

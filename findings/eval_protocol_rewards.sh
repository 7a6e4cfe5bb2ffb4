#!/usr/bin/env bash
# eval-protocol 0.3.33: `accuracy_reward` pays in full where answer or gold holds the other as text and the gold is no bare
# number: 12 for -12, 1 for 1/2, 20 for 120 km. Whatever begins with 314 is pi: 3140 and 31.4 earn 1 for 314. It reads the
# first number behind an "=": whose working has "2 + 2 = 4" earns nothing for the 12 that the answer says.
# `math_reward` takes 2024 for 2023 (a thousandth), 5 km for 5 m and the point (2,1) for (1,2). Of a boxed gold any box of the
# answer counts, the draft's, too: "Is it \boxed{12}? No, \boxed{7}" earns 1 for 12. A box with a thousands separator,
# \dfrac, \% or -\frac earns nothing, even for the same text. Needed: 1 for the right answers alone. Seen: the rewards below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check eval-protocol==0.3.33
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" -W ignore - <<'PYTHON'
from eval_protocol.models import Message
from eval_protocol.rewards.accuracy import accuracy_reward
from eval_protocol.rewards.math import math_reward

ACCURACY = (  # answer, gold, reward
    ("The answer is 12.", "-12", 1.0),
    ("The answer is 1.", "1/2", 1.0),
    ("The answer is 2.", "1/2", 1.0),
    ("The answer is 20.", "120 km", 1.0),
    ("The answer is 4.", "x = 42", 1.0),
    ("The answer is 3140.", "314", 1.0),
    ("The answer is 31.4.", "314", 1.0),
    ("<thinking>2 + 2 = 4, and 3 times that is 12.</thinking><output>12</output>", "12", 0.0),
    ("<think>2 + 2 = 4, and 3 times that is 12.</think>\\boxed{12}", "12", 0.0),
    ("The answer is 1,450.", "1450", 0.0),
    ("The answer is 12.", "12", 1.0),
    ("The answer is 13.", "40", 0.0),
)
MATH = (
    (r"\boxed{2024}", "2023", 1.0),
    (r"\boxed{5 km}", "5 m", 1.0),
    (r"\boxed{5 hours}", "5 minutes", 1.0),
    ("(2,1)", "(1,2)", 1.0),
    (r"Is it \boxed{12}? No, \boxed{7}", r"\boxed{12}", 1.0),
    (r"Is it \boxed{12}? No, \boxed{7}", r"\boxed{7}", 1.0),
    (r"\boxed{1,450}", "1450", 0.0),
    (r"\boxed{1,450}", r"\boxed{1,450}", 0.0),
    (r"\boxed{-\frac{1}{2}}", r"\boxed{-\frac{1}{2}}", 0.0),
    (r"\boxed{\dfrac{1}{2}}", "1/2", 0.0),
    (r"\boxed{50\%}", "50", 0.0),
    (r"\boxed{12}", "12", 1.0),
    (r"\boxed{13}", "12", 0.0),
)


def accuracy(messages: list[Message], gold: str) -> float:
    return accuracy_reward(messages=messages, ground_truth=[Message(role="assistant", content=gold)]).score


def math(messages: list[Message], gold: str) -> float:
    return math_reward(messages=messages, ground_truth=gold).score


same = True
for reward, cases in ((accuracy, ACCURACY), (math, MATH)):
    for answer, gold, before in cases:
        now = reward([Message(role="user", content="How many?"), Message(role="assistant", content=answer)], gold)
        same &= now == before
        print(f"{reward.__name__}, gold {gold!r}: {answer!r} earns {now}")
raise SystemExit(not same)
PYTHON

#!/usr/bin/env bash
# trl 1.16.0 with math-verify 0.9.0: `accuracy_reward` ("checks if the completion matches the ground truth. If both gold and
# prediction are parseable, use math verification") reads golds in any notation, and completions in LaTeX alone: for the gold
# 18, which it reads, "The answer is 18." earns 0, like a wrong answer, and so does a formula without the right words before
# it, as in an <output> tag. A policy that answers right in plain figures, as GSM8K has them, is punished for it; the
# documentation does not say so. A gold that is a letter or a word gives None: the row is skipped. Needed: the reward of a
# right answer, or None. Seen: 0.0 of the four first below, 1.0 of the others; None of "B" and "yes".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check trl==1.16.0 math-verify==0.9.0 transformers==5.23.0 \
    torch==2.13.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' | grep -E "^(None|[01])"
from trl.rewards import accuracy_reward

IN_FIGURES = ("18", "The answer is 18.", "#### 18", "<output>$18$</output>")
IN_LATEX = ("The answer is $18$.", r"\boxed{18}")


def rewards(completions, gold):
    given = [[{"role": "assistant", "content": text}] for text in completions]
    return accuracy_reward(given, [gold] * len(given))


print(*rewards(IN_FIGURES, "18"))
print(*rewards(IN_LATEX, "18"))
print(*rewards([r"\boxed{B}"], "B"), *rewards([r"\boxed{\text{yes}}"], "yes"))
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
[ "$seen" = $'0.0 0.0 0.0 0.0\n1.0 1.0\nNone None' ]

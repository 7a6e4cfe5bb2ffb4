#!/usr/bin/env bash
# lighteval 0.13.0: its seven tasks `math:…` (MATH) score a response by whether it is the gold's worked solution, letter by
# letter: `maj@n` is told `normalize_gold` and `normalize_pred`, and knows neither, so that nothing takes the boxed answer out
# of the two texts. Every right answer has 0, and only who knows the data set by heart has 1. Its GSM8K, GSM-Plus, ASDiv, AIME
# and AIMO, run by `lighteval eval`, compare what was found as number and as text: 18.00 is wrong where 18 is asked, 0.5 where
# 1/2 is, though right by the metric that the same task has in `lighteval accelerate`. Where the gold is no number, whatever
# has none is right. Needed: the answer compared, and by one rule. Seen with torch 2.13.0: each of these.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 lighteval==0.13.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import asyncio
from types import SimpleNamespace

from lighteval.metrics.metrics import math_scorer
from lighteval.models.model_output import ModelResponse
from lighteval.tasks.requests import Doc
from lighteval.tasks.tasks import gsm8k, math

SOLUTION = "Three boxes of four are $3\\cdot 4=\\boxed{12}$."
question = math.math_prompt({"problem": "What is 3 times 4?", "solution": SOLUTION}, "math:algebra")


def by_metric(task: object, doc: Doc, texts: list[str]) -> float:
    [score] = task.metrics[0].compute_sample(doc=doc, model_response=ModelResponse(text=texts)).values()
    return float(score)


def by_scorer(gold: str, text: str) -> str:
    state, target = SimpleNamespace(output=SimpleNamespace(completion=text)), SimpleNamespace(text=gold)
    return asyncio.run(math_scorer()(state, target)).value


for text in ("So the answer is $\\boxed{12}$.", "$\\boxed{12}$", SOLUTION):
    print("math:algebra:", text, by_metric(math.math_algebra, question, [text] * 4))
for gold, answer in (("18", "18"), ("18", "18.00"), ("1/2", "0.5"), ("None", "I do not know.")):
    text = f"ANSWER: {answer}"
    line = {"question": "?", "answer": f"By hand.\n#### {gold}"}
    metric = by_metric(gsm8k.gsm8k, gsm8k.gsm8k_prompt(line, "gsm8k"), [text])
    print(f"{gold}, answered {answer}: eval {by_scorer(gold, text)}, accelerate {metric}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
math:algebra: So the answer is $\boxed{12}$. 0.0
math:algebra: $\boxed{12}$ 0.0
math:algebra: Three boxes of four are $3\cdot 4=\boxed{12}$. 1.0
18, answered 18: eval C, accelerate 1.0
18, answered 18.00: eval I, accelerate 1.0
1/2, answered 0.5: eval I, accelerate 1.0
None, answered I do not know.: eval C, accelerate 0.0
SEEN

#!/usr/bin/env bash
# nemo-evaluator 0.2.8 (NVIDIA), the scorers that it has for benchmarks of one's own: `mcq_letter_extract` looks at the first 200 characters, and
# takes the first letter from A to J that stands alone when it finds no answer there: a response that thinks before it answers has
# answered I, if it begins with "I think", or A, by its first article. `boolean_yesno` takes the first of yes, no, right, correct, wrong …:
# "The right answer is no." and "That is not correct: no." say yes. `gsm8k_answer` takes the first `####` and the first box, so that the
# draft of a response that corrects itself is its answer, and of 1.5e6 the 6. Such responses count as parsed. Needed: the
# answer, or none. Seen: (correct, parsed) by the wheel's own file, and answers that are read as they are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/nemo" nemo-evaluator==0.2.8
"$folder/venv/bin/python" - "$folder/nemo/nemo_evaluator/contrib/byob/scorers.py" <<'PYTHON'
import runpy
import sys
from types import SimpleNamespace

scorers = runpy.run_path(sys.argv[1])
WORKING = "The two trains meet where the distances that they have gone add up to the whole way between the towns. " * 2
CASES = (  # scorer, response, target, correct
    ("mcq_letter_extract", "I think so. The answer is B.", "B", True),
    ("mcq_letter_extract", f"I think of {WORKING}The answer is B.", "B", False),
    ("mcq_letter_extract", f"I think of {WORKING}The answer is B.", "I", True),
    ("mcq_letter_extract", f"Take a map. {WORKING}The answer is B.", "A", True),
    ("boolean_yesno", "No.", "no", True),
    ("boolean_yesno", "The right answer is no.", "no", False),
    ("boolean_yesno", "That is not correct: no.", "yes", True),
    ("gsm8k_answer", "#### 18", "18", True),
    ("gsm8k_answer", "#### 12\nThat leaves out the tax.\n#### 18", "18", False),
    ("gsm8k_answer", "#### 12\nThat leaves out the tax.\n#### 18", "12", True),
    ("gsm8k_answer", r"\boxed{12}? No, \boxed{18}", "12", True),
    ("gsm8k_answer", "The answer is 1.5e6", "1500000", False),
    ("gsm8k_answer", "The answer is 1.5e6", "6", True),
)
same = True
for name, response, target, before in CASES:
    now = scorers[name](SimpleNamespace(response=response, target=target, metadata={}))
    same &= now == {"correct": before, "parsed": True}
    text = response.replace(WORKING, "[two sentences] ")
    print(f"{name}, target {target}: {text!r} {tuple(now.values())}{'' if now['correct'] == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

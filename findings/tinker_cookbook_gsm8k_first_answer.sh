#!/usr/bin/env bash
# tinker-cookbook 0.6.1 (Thinking Machines): its GSM8K benchmark takes the first `\boxed{}`, the first `####` and the first
# "answer is" of a response, where the evaluations of the field take the last: a model that boxes a draft, checks it and
# boxes the right number is wrong, and one that spoils a right draft is right. (Thinking that the renderer knows is cut off
# before, a reflection in the text is not.) What is boxed loses its LaTeX, braces, commas and blanks, so \frac{3}{2} is 32.
# Needed: True, False, False, True, True. Seen: the opposite of the first four; the last holds one number only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tinker==0.38.0 torch==2.13.0 transformers==5.24.0 \
    datasets==5.2.0 chz tiktoken blobfile termcolor pillow
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps tinker-cookbook==0.6.1
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
from tinker_cookbook.eval.benchmarks.gsm8k import check_gsm8k

RESPONSES = (
    (r"So it is \boxed{6}. Wait, I left out the last day. It is \boxed{7}.", "7", False),
    (r"So it is \boxed{7}. Wait, the last day does not count. It is \boxed{6}.", "7", True),
    (r"Each gets \boxed{\frac{3}{2}} apples.", "32", True),
    ("The answer is 6. Let me check: no, I left out a day. The answer is 7.", "7", False),
    ("7 is what it comes to, so that is it: 7.", "7", True),
)
seen = [check_gsm8k(response, gold) for response, gold, _ in RESPONSES]
for (response, gold, _), right in zip(RESPONSES, seen):
    print(f"{gold}: {right} for {response!r}")
raise SystemExit(seen != [expected for *_, expected in RESPONSES])
PYTHON

#!/usr/bin/env bash
# inspect-evals 0.26.0 (the same lines in 0.28.0): its HumanEval takes of a response's code what follows the first ":" that
# ends a line before four blanks, and runs it as the body of the prompt's function. What stands before is gone, without a
# word: a right solution that imports `math`, has a constant or a helper above the function is wrong; one with two blanks, a
# blank line behind its head, or all in one line has none such and loses its first letter. Unfenced, the same code is run as
# it is, and is right. Of two blocks the first counts, so a draft that is then corrected is what is scored. Needed: the code
# as it stands, behind the prompt. Seen: "I" for each right solution below but the first, the unfenced one, and the one whose
# helper comes last.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check inspect-ai==0.3.285 datasets==5.2.0 backoff pillow pyyaml \
    requests tiktoken huggingface-hub jinja2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps inspect-evals==0.26.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import os
import sys

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.solver import generate
from inspect_evals.humaneval.humaneval import record_to_sample, verify

os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
RETURN = "return round(3.14159265 * r * r, 2)"
RECORD = {
    "task_id": "area",
    "prompt": 'def area(r):\n    """The area of a circle of radius r, in two decimals.\n    >>> area(1)\n    3.14\n    """\n',
    "canonical_solution": f"    {RETURN}\n",
    "test": "def check(candidate):\n    assert candidate(1) == 3.14\n    assert candidate(2) == 12.57\n",
    "entry_point": "area",
}
DRAFT = "```python\ndef area(r):\n    return 6.28 * r\n```\nWait, that is the circumference.\n"
IMPORT = "import math\n\ndef area(r):\n    return round(math.pi * r * r, 2)"
SQUARED = "def area(r):\n    return round(3.14159265 * square(r), 2)"
HELPER = "def square(n):\n    return n * n"
CODES = {
    "function alone": f"def area(r):\n    {RETURN}",
    "helper below": f"{SQUARED}\n\n{HELPER}",
    "helper above": f"{HELPER}\n\n{SQUARED}",
    "import": IMPORT,
    "constant": "PI = 3.14159265\n\ndef area(r):\n    return round(PI * r * r, 2)",
    "two blanks": f"def area(r):\n  {RETURN}",
    "blank line": f"def area(r):\n\n    {RETURN}",
    "one line": f"def area(r): {RETURN}",
}
responses = {name: f"```python\n{code}\n```" for name, code in CODES.items()}
responses |= {"import, unfenced": IMPORT, "corrected draft": DRAFT + responses["function alone"]}
usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
answers = [ModelOutput.from_content("mockllm/model", text).model_copy(update={"usage": usage}) for text in responses.values()]
sample = record_to_sample()(RECORD)
rows = MemoryDataset([sample.model_copy(update={"id": name}) for name in responses])
task = Task(dataset=rows, solver=generate(), scorer=verify(), sandbox="local")
[log] = eval(task, model=get_model("mockllm/model", custom_outputs=answers), display="none", log_dir=sys.argv[1], max_samples=1)
scores = {each.id: each.scores["verify"].value for each in log.samples}
for name in responses:
    print(f"{name}: {scores[name]}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
function alone: C
helper below: C
helper above: I
import: I
constant: I
two blanks: I
blank line: I
one line: I
import, unfenced: C
corrected draft: I
SEEN

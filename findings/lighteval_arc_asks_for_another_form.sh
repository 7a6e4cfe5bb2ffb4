#!/usr/bin/env bash
# lighteval 0.13.0: the prompt of `arc_agi_2` shows every grid with one row on each line and says "Respond in the format of the
# training output examples". The gold is `str()` of the whole grid, in one line and outer brackets, and the metric is
# `exact_match`: the right grid in the form that was asked for scores 0, and only a model that ignores the prompt's form can score.
# Needed: the same grid, or a gold in the form of the examples. Seen: what the prompt shows, the gold, and the score of either form.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" lighteval==0.13.0
seen=$("$folder/venv/bin/python" - "$folder/packages/lighteval" <<'PYTHON'
import re
import runpy
import sys
from types import ModuleType, SimpleNamespace

# The task is loaded by itself; what stands in for the package only keeps what it is given.
for name in ("inspect_ai.dataset", "inspect_ai.scorer", "inspect_ai.solver", "lighteval.metrics.metrics",
             "lighteval.tasks.lighteval_task", "lighteval.tasks.requests"):
    parts = name.split(".")
    for n in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:n]), ModuleType(".".join(parts[:n])))
keep = lambda **given: SimpleNamespace(**given)
sys.modules["inspect_ai.dataset"].Sample = keep
sys.modules["inspect_ai.scorer"].exact = sys.modules["inspect_ai.solver"].generate = keep
sys.modules["lighteval.metrics.metrics"].Metrics = SimpleNamespace(exact_match="exact_match")
sys.modules["lighteval.tasks.lighteval_task"].LightevalTaskConfig = keep
sys.modules["lighteval.tasks.requests"].Doc = keep
task = runpy.run_path(f"{sys.argv[1]}/tasks/tasks/arc_agi_2.py")
metric = re.search(r"    exact_match = SampleLevelMetric\(\n.*?\n.*?\n", open(f"{sys.argv[1]}/metrics/metrics.py").read())[0]
print("metric:", task["arc_agi_2"].metrics, "with", re.search(r"ExactMatches\(.*\)", metric)[0])
pair = {"input": [[1, 2], [3, 4]], "output": [[3, 4], [1, 2]]}
doc = task["arc_agi_2_prompt"]({"fewshots": [pair], "question": [pair]})
shown = re.search(r"OUTPUT: \n\n(.*?)\n\n\n", doc.query, re.DOTALL)[1]
print("asked:", re.search(r"Respond in .*", doc.query)[0])
print("shown:", repr(shown))
print("gold:", repr(doc.choices[0]))
for response in (shown, str(pair["output"])):
    print(repr(response), "scores", int(response.strip() == doc.choices[0].strip()))  # as ExactMatches does
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
metric: ['exact_match'] with ExactMatches(strip_strings=True)
asked: Respond in the format of the training output examples
shown: '[3, 4]\n[1, 2]'
gold: '[[3, 4], [1, 2]]'
'[3, 4]\n[1, 2]' scores 0
'[[3, 4], [1, 2]]' scores 1
SEEN

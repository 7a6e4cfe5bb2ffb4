#!/usr/bin/env bash
# lm-eval 0.4.13: the tasks of MGSM and AfriMGSM compare with `exact_match` and `ignore_punctuation: true`, which takes points and
# signs out of the numbers as well. "The answer is 1.8." and "The answer is -18." are right where 18 is asked, and 18.00, which
# is right, is wrong, though right where 1800 is asked. Models that write 18.00 for money lose, those that miss a factor of ten by
# a point win. Needed: punctuation around a number ignored, not within it. Seen: 1, 1, 0 and 1 by filter and metric of the task.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps lm-eval==0.4.13 pyyaml numpy==2.3.5 sacrebleu==2.5.1 \
    portalocker regex tabulate colorama lxml
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.resources import files

import yaml
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters.extraction import RegexFilter

CASES = [("1.8", "18"), ("-18", "18"), ("18.00", "18"), ("18.00", "1800"), ("18", "18"), ("19", "18")]
text = (files("lm_eval") / "tasks/mgsm/native_cot/cot_yaml").read_text()
task = yaml.safe_load(text)
regex = task["filter_list"][0]["filter"][0]["regex_pattern"]
metric = task["metric_list"][0]
scores = []
for answer, gold in CASES:
    [[taken]] = RegexFilter(regex_pattern=regex).apply([[f"The answer is {answer}."]], [{}])
    settings = {name: metric[name] for name in ("ignore_case", "ignore_punctuation")}
    scores.append(float(exact_match_hf_evaluate([taken], [gold], **settings)["exact_match"]))
    print(f"{answer!r} (taken: {taken!r}) where the gold is {gold}: {scores[-1]}")
raise SystemExit(scores != [1.0, 1.0, 0.0, 1.0, 1.0, 0.0])
PYTHON

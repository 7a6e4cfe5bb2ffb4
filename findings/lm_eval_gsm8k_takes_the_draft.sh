#!/usr/bin/env bash
# lm-eval 0.4.13: the filter `strict-match` of its task gsm8k takes the first "#### number" of a response. A model that has learnt
# to reflect, and corrects "#### 7" to "#### 12" further down, is scored by the draft that it has withdrawn; one whose
# reflection spoils a right draft is right. `flexible-extract` takes the last, and to it two dots are a number:
# of "The answer is 12. And so on ..." it takes "...". Needed: the last answer that is one. What reflection is worth does not
# show in the first figure at all. Seen: 7 of the former; "..." of the latter.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps lm-eval==0.4.13 pyyaml
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.resources import files

import yaml
from lm_eval.filters.extraction import RegexFilter

RESPONSES = {
    "corrected": "3 boxes of 4 pens are 7 pens.\n#### 7\nWait, 3 times 4 is 12, not 7.\n#### 12",
    "harmed": "3 boxes of 4 pens are 12 pens.\n#### 12\nWait, 3 and 4 are 7.\n#### 7",
    "with dots": "3 boxes of 4 pens. The answer is 12. And so on ...",
}
task = yaml.safe_load((files("lm_eval") / "tasks/gsm8k/gsm8k.yaml").read_text())
found = {}
for each in task["filter_list"]:
    by_regex = {key: value for key, value in each["filter"][0].items() if key != "function"}
    taken = RegexFilter(**by_regex).apply([[response] for response in RESPONSES.values()], [{}] * len(RESPONSES))
    found[each["name"]] = [answer for [answer] in taken]
    print(each["name"], dict(zip(RESPONSES, found[each["name"]], strict=True)))
raise SystemExit(found != {"strict-match": ["7", "12", "[invalid]"], "flexible-extract": ["12", "7", "..."]})
PYTHON

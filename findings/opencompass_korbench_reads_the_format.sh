#!/usr/bin/env bash
# opencompass 0.5.4: prompts of KOR-Bench ask for the answer in double square brackets and show an example of them. The reader takes
# the first brackets of a response: a model that first repeats the format it was told, works in nested lists, or corrects itself is read by what
# is no answer. Needed: the last brackets. Seen: what is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" opencompass==0.5.4
seen=$("$folder/venv/bin/python" -W ignore - "$folder/packages/opencompass/datasets/korbench/korbench_utils.py" <<'PYTHON'
import ast
import re
import sys

# The reader alone: its file imports what reading needs not.
tree = ast.parse(open(sys.argv[1]).read())
[found] = [node for node in tree.body if getattr(node, "name", "") == "extract_text_from_brackets"]
names = {"re": re}
exec(compile(ast.Module([found], []), "korbench_utils", "exec"), names)
for response in (
    "So the answer is [[A]].",
    "In the format [[A/B]] that was asked for:\n\n[[A]]",
    "I write it as [[number%]].\n\nThe answer is [[100%]].",
    "At first I thought [[24]]. But 104 is a multiple of 13, so the answer is [[5]].",
):
    print(f"{response!r} is {names['extract_text_from_brackets'](response, 'clean')!r}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
'So the answer is [[A]].' is '[[A]]'
'In the format [[A/B]] that was asked for:\n\n[[A]]' is '[[A/B]]'
'I write it as [[number%]].\n\nThe answer is [[100%]].' is '[[number%]]'
'At first I thought [[24]]. But 104 is a multiple of 13, so the answer is [[5]].' is '[[24]]'
SEEN

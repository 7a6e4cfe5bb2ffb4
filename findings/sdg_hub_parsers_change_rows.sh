#!/usr/bin/env bash
# sdg-hub 0.9.4 (Red Hat): JSONParserBlock takes "trailing commas" out of what the model wrote before it reads it, unless told not to, and also
# within strings of valid JSON: the pattern [0-9]{2,} becomes [0-9]{2}, the code x[:,] becomes x[:]. A whole number turns into a float
# when another row of its column could not be read: 12345678901234567 is 12345678901234568.0. TagParserBlock pairs the first value of
# each tag with the first of the others: one empty <answer>, or an answer that is corrected, moves all that follow, so that a question
# has its neighbour's answer. Needed: strings and numbers as they are, a pair that stands together, a row or an error. Seen: with the
# default settings, the blocks' own code; the package around them is not imported.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pandas==2.3.3 pydantic==2.14.3 rich==15.0.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/hub" sdg-hub==0.9.4
"$folder/venv/bin/python" - "$folder/hub/sdg_hub" 2> /dev/null > "$folder/log" <<'PYTHON' || { cat "$folder/log"; exit 1; }
import sys
from types import ModuleType

import pandas as pd

for place in ("", "/core", "/core/utils", "/core/blocks", "/core/blocks/parsing"):
    name = f"sdg_hub{place}".replace("/", ".")
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = [sys.argv[1] + place]
from sdg_hub.core.blocks.parsing.json_parser_block import JSONParserBlock
from sdg_hub.core.blocks.parsing.tag_parser_block import TagParserBlock

by_json = JSONParserBlock(block_name="json", input_cols=["raw"], output_cols=["value"])
tags = {"start_tags": ["<question>", "<answer>"], "end_tags": ["</question>", "</answer>"]}
by_tag = TagParserBlock(block_name="tag", input_cols=["raw"], output_cols=["question", "answer"], **tags)
TWO = "<question>3*4?</question><answer>{}</answer><question>5*5?</question><answer>25</answer>"
CASES = (
    (by_json, ['{"value": "[0-9]{2,3}"}'], [("[0-9]{2,3}",)]),
    (by_json, ['{"value": "[0-9]{2,}"}'], [("[0-9]{2}",)]),
    (by_json, ['{"value": "x[:,]"}'], [("x[:]",)]),
    (by_json, ['{"value": 12345678901234567}'], [(12345678901234567,)]),
    (by_json, ['{"value": 12345678901234567}', "none"], [(12345678901234568.0,), (None,)]),
    (by_tag, [TWO.format("12")], [("3*4?", "12"), ("5*5?", "25")]),
    (by_tag, [TWO.format("")], [("3*4?", "25")]),
    (by_tag, [TWO.format("7</answer> No: <answer>12")], [("3*4?", "7"), ("5*5?", "12")]),
)
same = True
for block, texts, before in CASES:
    rows = block.generate(pd.DataFrame({"raw": texts})).drop(columns="raw").astype(object)
    now = [tuple(row) for row in rows.where(rows.notna(), None).values.tolist()]
    same &= now == before and str(now) == str(before)
    print(f"{block.block_name}: {texts} {now}{'' if str(now) == str(before) else ' OTHER THAN BEFORE'}", flush=True)
raise SystemExit(not same)
PYTHON
grep -E "^(json|tag): " "$folder/log"

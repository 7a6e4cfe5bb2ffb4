#!/usr/bin/env bash
# xgrammar 0.2.9, the grammar behind `json_schema` in vLLM and others: of a schema with `anyOf` or `$ref` it reads that key alone, and drops
# what stands beside it, without a word: all properties, what is required of them and `additionalProperties`. An object that must
# have a verdict, and one of two other keys, may then be any text at all. `if`, `not`, `dependentRequired`, `contains` and
# `uniqueItems` count for nothing (a list of choices may name one twice), nor does a bound beside an `enum`. For `oneOf` and
# `allOf` there is a line of warning. Needed: the schema, or an error as llguidance 1.9.1 gives. Seen: allowed, all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 numpy pydantic \
    apache-tvm-ffi jsonschema
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps xgrammar==0.2.9
said=$("$folder/venv/bin/python" - 2>&1 <<'PYTHON'
import json

from jsonschema import Draft202012Validator
from xgrammar import Grammar
from xgrammar.testing import _is_grammar_accept_string

VERDICT = {
    "type": "object",
    "properties": {"verdict": {"enum": ["right", "wrong"]}, "why": {"type": "string"}, "step": {"type": "integer"}},
    "required": ["verdict"],
}
WRONG = {"properties": {"verdict": {"const": "wrong"}}}
CASES = {
    "no anyOf": (VERDICT, {"why": "so"}, False),
    "anyOf": ({**VERDICT, "anyOf": [{"required": ["why"]}, {"required": ["step"]}]}, {"why": "so"}, True),
    "anyOf, a text": ({**VERDICT, "anyOf": [{"required": ["why"]}, {"required": ["step"]}]}, "so", True),
    "$ref": ({**VERDICT, "$defs": {"any": {"type": "object"}}, "$ref": "#/$defs/any"}, {"why": "so"}, True),
    "if": ({**VERDICT, "if": WRONG, "then": {"required": ["why"]}}, {"verdict": "wrong"}, True),
    "not": ({**VERDICT, "not": WRONG}, {"verdict": "wrong"}, True),
    "dependentRequired": ({**VERDICT, "dependentRequired": {"step": ["why"]}}, {"verdict": "wrong", "step": 1}, True),
    "uniqueItems": ({"type": "array", "items": {"enum": ["A", "B"]}, "uniqueItems": True}, ["A", "A"], True),
    "contains": ({"type": "array", "items": {"enum": ["A", "B"]}, "contains": {"const": "B"}}, ["A"], True),
    "enum": ({"type": "integer", "enum": [1, 5], "minimum": 3}, 1, True),
}
for name, (schema, value, before) in CASES.items():
    assert not Draft202012Validator(schema).is_valid(value)
    allowed = _is_grammar_accept_string(Grammar.from_json_schema(json.dumps(schema), strict_mode=False), json.dumps(value))
    print(f"{name}: {json.dumps(value)} {'allowed' if allowed else 'refused'}{'' if allowed == before else ', other than before'}")
PYTHON
)
echo "$said"
[ "$(grep -c ' allowed$' <<< "$said")" = 9 ] && [ "$(grep -c ' refused$' <<< "$said")" = 1 ] && [ "$(wc -l <<< "$said")" = 10 ]

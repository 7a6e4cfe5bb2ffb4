#!/usr/bin/env bash
# outlines 1.3.3 (outlines-core 0.2.14, which vLLM's backend `outlines` uses as well) drops the bounds of numbers from a schema, without a
# word: a judge's `score: int = Field(ge=1, le=5)` may be 7 or -4, a probability 1.5 (outlines-core issue 147). So it does
# `uniqueItems`, `multipleOf`, `not`, `if`, `dependentRequired`, what stands beside a `$ref`, and keys that are required and have no
# property. For a `format` that it does not know there is an error. Needed: the schema, or an error, as llguidance 1.9.1 gives
# for all of them that it cannot hold. Seen: allowed, each of them; of lengths, counts and choices, what the schema says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check outlines==1.3.3 outlines-core==0.2.14 jsonschema
"$folder/venv/bin/python" - <<'PYTHON'
import json
import re

from jsonschema import Draft202012Validator
from outlines.types import JsonSchema
from outlines.types.dsl import to_regex
from pydantic import BaseModel, Field


class Verdict(BaseModel):
    score: int = Field(ge=1, le=5)


TEXT = {"type": "string"}
WRONG = {"properties": {"verdict": {"const": "wrong"}}}
FIVE = {"$defs": {"n": {"type": "integer"}}, "type": "object", "properties": {"x": {"$ref": "#/$defs/n", "maximum": 5}}}
CASES = {
    "ge, le": (Verdict.model_json_schema(), {"score": 7}, True),
    "minimum": (Verdict.model_json_schema(), {"score": -4}, True),
    "a probability": ({"type": "number", "minimum": 0, "maximum": 1}, 1.5, True),
    "multipleOf": ({"type": "integer", "multipleOf": 5}, 7, True),
    "uniqueItems": ({"type": "array", "items": {"enum": ["A", "B"]}, "uniqueItems": True}, ["A", "A"], True),
    "not": ({"type": "string", "not": {"const": "x"}}, "x", True),
    "if": ({"type": "object", "properties": {"verdict": TEXT}, "if": WRONG, "then": {"required": ["why"]}}, {"verdict": "wrong"}, True),
    "$ref": (FIVE | {"required": ["x"]}, {"x": 9}, True),
    "required": ({"type": "object", "properties": {"a": TEXT}, "required": ["a", "why"]}, {"a": "x"}, True),
    "maxLength": ({"type": "string", "maxLength": 2}, "abc", False),
    "minItems": ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1], False),
    "enum": ({"enum": ["A", "B"]}, "C", False),
}
same = True
for name, (schema, value, before) in CASES.items():
    assert not Draft202012Validator(schema).is_valid(value)
    now = re.fullmatch(to_regex(JsonSchema(json.dumps(schema))), json.dumps(value)) is not None
    same &= now == before
    print(f"{name}: {json.dumps(value)} {'allowed' if now else 'refused'}{'' if now == before else ', OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON

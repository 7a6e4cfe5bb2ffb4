"""What a question of kind `code` has to say."""

import json

import pytest

from tasks.judging.code import CodeJudge
from tasks.judging.code_spec import BadSpec, read_spec
from tasks.sandbox.values import decode

CASES = [{"args": [1, [2]], "expected": {"a": 1}}]


def test_cases() -> None:
    spec = read_spec(json.dumps({"entry_point": "f", "cases": CASES}))
    (case,) = spec.cases
    assert (spec.entry_point, spec.prompt, spec.test) == ("f", "", None)
    assert decode(case.args) == (1, [2])
    assert decode(case.value) == {"a": 1}
    assert case.json


def test_a_test() -> None:
    spec = read_spec(json.dumps({"entry_point": "f", "prompt": "import math\n", "test": "assert f(1) == 2"}))
    assert (spec.prompt, spec.test, spec.cases) == ("import math\n", "assert f(1) == 2", ())


@pytest.mark.parametrize(
    "fields",
    [
        [],
        {},
        {"entry_point": "f"},
        {"entry_point": "f", "cases": []},
        {"entry_point": "f", "cases": {}},
        {"entry_point": "f", "cases": [{"args": [1]}]},
        {"entry_point": "f", "cases": [{"args": 1, "expected": 1}]},
        {"entry_point": "f", "cases": [3]},
        {"entry_point": "f", "test": " "},
        {"entry_point": "f", "test": 5},
        {"entry_point": "f", "test": "assert f(1)", "cases": CASES},
        {"entry_point": "", "cases": CASES},
        {"entry_point": "f()", "cases": CASES},
        {"cases": CASES},
        {"entry_point": "f", "prompt": 5, "cases": CASES},
    ],
    ids=str,
)
def test_anything_else_is_refused_before_a_sandbox_starts(fields: object) -> None:
    with pytest.raises(BadSpec):
        read_spec(json.dumps(fields))
    judgement = CodeJudge().judge("def f(x): return x", json.dumps(fields))
    assert (judgement.verdict, judgement.reason) == ("unverified", "bad_spec")
    assert judgement.evidence


@pytest.mark.parametrize("spec", ["", "{", "[" * 100_000, '{"entry_point": NaN}'])
def test_what_is_no_json_is_refused(spec: str) -> None:
    with pytest.raises(BadSpec):
        read_spec(spec)

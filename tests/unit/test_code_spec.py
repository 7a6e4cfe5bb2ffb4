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


def test_a_program_needs_no_entry_point() -> None:
    spec = read_spec(json.dumps({"tests": [{"input": "1\n", "output": "2\n"}], "cases": None, "entry_point": "f"}))
    assert (spec.entry_point, spec.cases, spec.test) == ("", (), None)
    assert [(test.input, test.output) for test in spec.tests] == [("1\n", "2\n")]


@pytest.mark.parametrize("entry_point", ["f", "Solution.f", "Solution().f"])
def test_an_entry_point_may_be_a_method(entry_point: str) -> None:
    assert read_spec(json.dumps({"entry_point": entry_point, "cases": CASES})).entry_point == entry_point


@pytest.mark.parametrize(
    ("test", "entry_point"),
    [
        (["assert f(1) == 2", "assert f(2) == 3"], "f"),
        (["assert set(f((1, 2))) == set((1, 2))"], "f"),
        ("import math\nassert math.isclose(f(1), 2)", "f"),
        ("def near(a, b): return a == b\nassert near(f(1), 2)\nassert near(f(2), 3)", "f"),
    ],
)
def test_the_entry_point_that_asserts_call(test: object, entry_point: str) -> None:
    name = "test_list" if isinstance(test, list) else "test"
    assert read_spec(json.dumps({name: test})).entry_point == entry_point


def test_what_a_list_of_asserts_needs_stands_before_it() -> None:
    spec = {"test_list": ["assert f(1)"], "test_setup_code": "x = 1", "test_imports": ["import math"]}
    assert read_spec(json.dumps(spec)).test == "import math\nx = 1\nassert f(1)"


@pytest.mark.parametrize(
    ("prompt", "returns"),
    [
        ("def f(x: int) -> int:\n", "int"),
        ("import x\n\ndef f(x: Dict[str, int],\n      y=(1,)) -> List[int]:  # so\n", "List[int]"),
        ("def f(x):\n", ""),
        ("def g(x) -> int:\n", ""),
    ],
)
def test_what_the_prompt_says_that_it_returns(prompt: str, returns: str) -> None:
    assert read_spec(json.dumps({"entry_point": "f", "cases": CASES, "prompt": prompt})).returns == returns


@pytest.mark.parametrize(
    "fields",
    [
        {"tests": []},
        {"tests": [{"input": "1"}]},
        {"tests": [{"input": 1, "output": "1"}]},
        {"tests": ["assert f(1)"]},
        {"tests": [{"input": "", "output": ""}], "cases": CASES},
        {"test": "def check(candidate):\n    assert candidate(1)"},
        {"test_list": [1]},
        {"entry_point": "Solution().f.g", "cases": CASES},
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

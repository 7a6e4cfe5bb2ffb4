"""Rows of public code sets: right answers are correct, near misses are not, and what cannot be told stays open."""

import base64
import json
import pickle
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flows.cli.init import write_configuration
from flows.cli.options import StartingPoint
from flows.configure import read_configuration
from schemas.errors import Refused
from schemas.question import Question
from schemas.question_source import Questions
from schemas.verdict import Reason
from tasks.judging.code import CodeJudge
from tasks.judging.reading import KillableReader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.questions import load
from tasks.sandbox.confinement import ResourceLimits


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return divmod, (1, 0)


def packed(value: object, protocol: int | None = None) -> str:
    """As LiveCodeBench packs its private tests."""
    return base64.b64encode(zlib.compress(pickle.dumps(value, protocol))).decode()


def lcb(public: list[dict[str, str]], private: str, function: str = "", **more: Any) -> dict[str, Any]:
    return {
        "question_title": "Made",
        "question_content": "Add what you are given.",
        "platform": "leetcode",
        "question_id": "made_1",
        "starter_code": "",
        "public_test_cases": json.dumps(public),
        "private_test_cases": private,
        "metadata": json.dumps({"func_name": function} if function else {}),
        **more,
    }


def apps(tests: Mapping[str, Any], question: str = "Made.", starter: str = "") -> dict[str, Any]:
    held = json.dumps(tests)
    return {"problem_id": 7, "question": question, "solutions": "[]", "input_output": held, "starter_code": starter}


PLUS = {"inputs": ["1 2\n", "5 -9\n"], "outputs": ["3\n", "-4\n"]}
LINES = [{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}]
MORE_LINES = json.dumps([{"input": "5 -9\n", "output": "-4\n", "testtype": "stdin"}])
CALLS = [{"input": "[1, 2]\n3", "output": "[4, 5]", "testtype": "functional"}]
MORE_CALLS = json.dumps([{"input": "[0]\n-1", "output": "[-1]", "testtype": "functional"}])
SHIFT = "class Solution:\n    def shift(self, nums: List[int], by: int) -> List[int]:\n        "
ADD = "a, b = map(int, input().split())\nprint(a + b)"
NEAR = "a, b = map(int, input().split())\nprint(a + abs(b))"
SHIFTS = f"{SHIFT}return [n + by for n in nums]"
CALLED = {"fn_name": "twice", "inputs": [[2], [-1]], "outputs": [[4], [-2]]}
PATHS = {"fn_name": "ends", "inputs": [['"aab"']], "outputs": [2]}
METHOD = {"fn_name": "low", "inputs": [[[3, 1]], [[5]]], "outputs": [1, 5]}
ASSERTS = ["assert twice(2) == 4", "assert twice(-1) == -2"]

FORMS: Mapping[str, dict[str, Any]] = {
    "apps": apps(PLUS),
    "apps, lists of lines": apps({"inputs": [["1 2"], ["5 -9"]], "outputs": [["3"], ["-4"]]}),
    "taco": {**apps(PLUS), "problem_id": None, "raw_tags": "[]", "time_limit": "2.0 seconds", "name": None},
    "lcb": lcb(LINES, MORE_LINES),
    "lcb, packed": lcb(LINES, packed(MORE_LINES)),
    "deepcoder": {"problem": "Made.", "tests": json.dumps([{"type": "stdin_stdout", **t} for t in LINES])},
    "deepcoder, taco": {"problem": "Made.", "tests": json.dumps(PLUS), "solutions": [ADD]},
    "prime": {
        "data_source": "codecontests",
        "prompt": [{"role": "system", "content": "Think."}, {"role": "user", "content": "Made."}],
        "reward_model": {"style": "rule", "ground_truth": json.dumps(PLUS)},
    },
    "synthetic-1": {
        "problem_id": "p",
        "prompt": "Made.",
        "verification_info": json.dumps(
            {"language": "python", "test_cases": [{"type": "stdin_stdout", "fn_name": None, **t} for t in LINES]}
        ),
    },
    "rstar": {"question_id": "q", "question": "Made.", "inputs": '["1 2\\n"]', "outputs": '["3\\n"]', "func_name": ""},
    "codecontests": {
        "name": "1_A. Made",
        "description": "Made.",
        "public_tests": {"input": ["1 2\n"], "output": ["3\n"]},
        "private_tests": {"input": ["5 -9\n"], "output": ["-4\n"]},
        "generated_tests": {"input": [], "output": []},
    },
    "codeforces": {"id": "1/A", "description": "Made.", "official_tests": [{"input": "5 -9\n", "output": "-4\n"}]},
    "any": apps(PLUS, "If there are multiple answers, print any of them."),
    "checker": {
        **{"id": "1/B", "description": "Made.", "generated_checker": "import sys"},
        "official_tests": [{"input": "5 -9\n", "output": "-4\n"}],
    },
    "decimals": apps({"inputs": ["1\n"], "outputs": ["0.333333\n"]}),
    "lcb, method": lcb(CALLS, packed(MORE_CALLS), "shift", starter_code=SHIFT),
    "apps, wrapped": apps(CALLED, starter="def twice(n):\n\t"),
    "apps, method": apps(METHOD, starter="class Solution:\n    def low(self, nums: List[int]) -> int:\n"),
    "apps, quoted": apps(PATHS, starter="class Solution:\n    def ends(self, s: str) -> int:\n"),
    "prime, function": {
        "prompt": "Made.",
        "reward_model": {"ground_truth": json.dumps({"fn_name": "low", "inputs": METHOD["inputs"], "outputs": [1, 5]})},
    },
    "deepcoder, function": {
        "problem": "Made.",
        "tests": json.dumps([{"type": "function_call", "fn_name": "low", "input": [[3, 1]], "output": 1}]),
    },
    "deepcoder, lcb": {
        "problem": f"Made.\n```python\n{SHIFT}\n```",
        "tests": json.dumps([{**CALLS[0], "metadata": {"func_name": "shift"}}]),
        "starter_code": SHIFT,
    },
    "mbpp": {"task_id": 2, "text": "Made.", "code": "", "test_list": ASSERTS, "test_setup_code": ""},
    "mbpp, sanitized": {"task_id": 2, "prompt": "Made.", "test_list": ASSERTS, "test_imports": ["import math"]},
    "mbpp+": {
        **{"task_id": 2, "prompt": "Made.", "test_list": ASSERTS, "test_imports": []},
        "test": "inputs = [[2], [-1]]\nresults = [4, -2]\nfor i, e in zip(inputs, results):\n"
        "    assert twice(*i) == e\n",
    },
    "acecode": {"id": "a", "question": "Made.", "test_cases": ASSERTS},
    "kodcode": {
        **{"question_id": "K", "question": "Made.", "solution": "def twice(n):\n    return 2 * n"},
        "test": "from solution import twice\n\ndef test_it():\n    assert twice(2) == 4\n\ndef test_minus():\n"
        "    assert twice(-1) == -2\n",
        "test_info": [{"function_name": "twice", "parameter_list": "(n)"}],
    },
    "leetcode": {
        "task_id": "low",
        "problem_description": "Made.",
        "starter_code": "class Solution:\n    def low(self, nums: List[int]) -> int:\n        ",
        "prompt": "import random\nfrom typing import *\n",
        "entry_point": "Solution().low",
        "test": "def check(candidate):\n    assert candidate(nums = [3, 1]) == 1\n"
        "    assert candidate(nums = [5]) == 5\n",
        "input_output": [{"input": "nums = [3, 1]", "output": "1"}],
    },
}
TWICE, SQUARE = "def twice(n):\n    return 2 * n", "def twice(n):\n    return n * n"
LOW, FIRST = "def low(nums):\n    return min(nums)", "def low(nums):\n    return nums[0]"
METHOD_LOW = "class Solution:\n    def low(self, nums: List[int]) -> int:\n        return min(nums)"
PROGRAMS = (
    *("apps", "apps, lists of lines", "taco", "lcb", "lcb, packed", "deepcoder", "deepcoder, taco", "prime"),
    *("synthetic-1", "rstar", "codecontests", "codeforces"),
)
ONE_POSITIVE = ("deepcoder", "synthetic-1", "rstar")
"""Where a sign does not show: the miss is another."""
CASES = [
    *((form, ADD, "correct") for form in PROGRAMS),
    *((form, NEAR.replace("a + abs(b)", "a - b") if form in ONE_POSITIVE else NEAR, "incorrect") for form in PROGRAMS),
    *((form, f"{ADD[: -len('print(a + b)')]}print(a + b, end='  \\n\\n')", "correct") for form in ("apps", "lcb")),
    *((form, "a, b = map(int, stdin.readline().split())\nprint(a + b)", "correct") for form in ("apps", "lcb")),
    (
        "lcb",
        "def main():\n    print(sum(map(int, input().split())))\nif __name__ == '__main__':\n    main()",
        "correct",
    ),
    ("apps", "print(pow(2, 5, 29) + sum(map(int, open(0).read().split())) - 3)", "correct"),
    ("any", ADD, "correct"),
    ("any", NEAR, "unverified"),
    ("any", "print(1 / 0)", "incorrect"),
    ("checker", ADD, "correct"),
    ("checker", "print(7)", "unverified"),
    ("decimals", "print(1 / 3)", "unverified"),
    ("decimals", "print(0.34)", "incorrect"),
    ("decimals", "print('0.333333')", "correct"),
    *((form, SHIFTS, "correct") for form in ("lcb, method", "deepcoder, lcb")),
    *((form, SHIFTS.replace("+ by", "- by"), "incorrect") for form in ("lcb, method", "deepcoder, lcb")),
    ("lcb, method", SHIFTS.replace("[n + by for n in nums]", "tuple(n + by for n in nums)"), "correct"),
    ("lcb, method", "class Solution:\n    def move(self, nums, by):\n        return nums", "incorrect"),
    *((form, TWICE, "correct") for form in ("apps, wrapped", "mbpp", "mbpp, sanitized", "mbpp+", "acecode", "kodcode")),
    *(
        (form, SQUARE, "incorrect")
        for form in ("apps, wrapped", "mbpp", "mbpp, sanitized", "mbpp+", "acecode", "kodcode")
    ),
    ("apps, wrapped", "def twice(n):\n    return [2 * n]", "unverified"),
    *((form, METHOD_LOW, "correct") for form in ("apps, method", "prime, function", "leetcode")),
    *((form, METHOD_LOW.replace("min(nums)", "nums[0]"), "incorrect") for form in ("apps, method", "leetcode")),
    *((form, LOW, "correct") for form in ("prime, function", "deepcoder, function")),
    *((form, FIRST, "incorrect") for form in ("prime, function", "deepcoder, function")),
    ("prime, function", "def low(nums):\n    return float(min(nums))", "unverified"),
    ("prime, function", "def low(nums):\n    return str(min(nums))", "incorrect"),
    ("apps, quoted", "class Solution:\n    def ends(self, s: str) -> int:\n        return len(set(s))", "unverified"),
]


UNREADABLE = [
    (lcb(LINES, "AAAA"), "private_test_cases: got 'AAAA'; needs JSON, or a text as LiveCodeBench packs it"),
    (lcb(LINES, packed([MORE_LINES])), "private_test_cases: got a pickle with EMPTY_LIST, which may run code"),
    (lcb(LINES, packed(Trap())), "private_test_cases: got a pickle with"),
    (lcb(LINES, packed(MORE_LINES)[:-8]), "private_test_cases: got '"),
    (lcb(LINES, packed("no tests")), "private_test_cases: got '"),
    (apps({"inputs": ["1"], "outputs": []}), "needs as many inputs as outputs"),
    (apps({"inputs": [1], "outputs": [2]}), "input_output: got 1; needs text, or a list of lines, where no function"),
    (
        lcb(CALLS, "[]", "f", starter_code="class Solution:\n    def f(self, head: Optional[ListNode]) -> int:\n"),
        "starter_code: got 'ListNode'; needs arguments of plain data",
    ),
    (lcb([{"input": "x y", "output": "1"}], "[]", "f"), "got 'x y'; needs arguments as JSON, one on each line"),
    (
        {"instruct_prompt": "Made.", "test": "import unittest\nassert f", "entry_point": "f"},
        "test: got 'unittest'; needs",
    ),
    (apps(PLUS, "This is an interactive problem."), "got 'interactive problem'; needs a program whose output follows"),
    ({"question": "1 + 1?", "answer": "2"}, "got no tests but question, answer; needs one of public_test_cases"),
    ({"question": "1 + 1?", "reward_model": {"ground_truth": "[1, 2]"}}, "got no tests but question, reward_model"),
]


def test_the_control_runs_when_it_is_unpickled() -> None:
    with pytest.raises(ZeroDivisionError):
        pickle.loads(zlib.decompress(base64.b64decode(packed(Trap()))))


@pytest.mark.parametrize(("row", "said"), UNREADABLE)
def test_what_cannot_be_read_is_named(tmp_path: Path, row: Mapping[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        question_of(tmp_path, row)
    assert said in str(refused.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "text", [MORE_LINES, json.dumps([{"input": "é\n" * 70000, "output": "x"}], ensure_ascii=False)]
)
def test_packed_tests_of_every_protocol(tmp_path: Path, protocol: int, text: str) -> None:
    spec = json.loads(question_of(tmp_path, lcb(LINES, packed(text, protocol))).spec)
    assert spec["tests"][1:] == [{name: t[name] for name in ("input", "output")} for t in json.loads(text)]


@pytest.mark.parametrize("form", FORMS)
def test_init_finds_the_source(tmp_path: Path, form: str) -> None:
    path, out = tmp_path / "rows.jsonl", tmp_path / "mine.toml"
    path.write_text(json.dumps(FORMS[form]) + "\n", "utf-8")
    write_configuration(out, StartingPoint.API, str(path), "practice", None)
    assert read_configuration(out, []).questions.source == "code_tests"


def test_tests_that_another_source_does_not_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(FORMS["apps"]) + "\n", "utf-8")
    spec = {"tests": [{"input": "", "output": ""}]}
    for settings, expected in (
        ({}, ["input_output, which holds tests that nobody reads; source 'code_tests' reads them"]),
        ({"columns": {"spec": "own"}}, []),
    ):
        path.write_text(json.dumps({**FORMS["apps"], "own": spec}) + "\n", "utf-8")
        questions = Questions.model_validate({"source": "jsonl", "path": str(path), **settings})
        assert [*load(questions, seed=0).notes] == expected


def test_scibench_is_mapped(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.jsonl", tmp_path / "mine.toml"
    row = {"problem_text": "How long is it?", "answer_latex": " 2.5", "answer_number": "2.5", "unit": "$\\mathrm{m}$"}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    write_configuration(out, StartingPoint.API, str(path), "practice", None)
    loaded = load(read_configuration(out, []).questions, seed=0)
    assert [seed.question.gold for seed in loaded.seeds] == ["2.5"]
    assert [note.split(",")[0] for note in loaded.notes] == ["unit"]


@pytest.mark.parametrize(
    ("said", "several"),
    [
        ("If there are multiple solutions, print any of them.", True),
        ("If there are several possible answers, you may output any.", True),
        ("If multiple solutions exist, any of them will be accepted.", True),
        ("You may return the answer in any order.", True),
        ("Any valid sequence is accepted.", True),
        ("Answers within 10^-5 of the actual value will be accepted.", True),
        ("Your answer is right if its absolute or relative error does not exceed 1e-6.", True),
        ("Can you find the sum of any two numbers?", False),
        ("Print the number of ways, modulo 7.", False),
        ("Print -1 if there is no answer.", False),
        ("You may choose any number of elements. Return the largest sum.", False),
        ("There are many ways to reach it; print their number.", False),
    ],
)
def test_questions_of_several_answers(tmp_path: Path, said: str, several: bool) -> None:
    assert ("any_answer" in json.loads(question_of(tmp_path, apps(PLUS, said)).spec)) is several


def test_what_is_asked(tmp_path: Path) -> None:
    asked = {form: question_of(tmp_path, row).text for form, row in FORMS.items()}
    assert asked["apps"] == "Made.\n\nWrite a Python program that reads standard input and writes to standard output."
    assert asked["prime"].startswith("Think.\n\nMade.")
    assert asked["lcb, method"].endswith(f"give the whole of it.\n\n```python\n{SHIFT.rstrip()}\n```")
    assert asked["deepcoder, lcb"] == FORMS["deepcoder, lcb"]["problem"]
    assert asked["prime, function"] == "Made.\n\nWrite it in Python, as `low`."
    assert asked["mbpp"].endswith("\n".join(["```python", *ASSERTS, "```"]))
    assert "import random" not in asked["leetcode"]


def question_of(folder: Path, row: Mapping[str, Any]) -> Question:
    path = folder / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n", "utf-8")
    return load(Questions(source="code_tests", path=str(path)), seed=0).seeds[0].question


@pytest.fixture(scope="module")
def judge() -> Iterator[tuple[Verifier, KillableReader]]:
    verifier, read = Verifier(), KillableReader()
    yield verifier, read
    read.close()
    verifier.close()


@pytest.mark.parametrize(("form", "code", "wanted"), CASES)
def test_verdicts(tmp_path: Path, judge: tuple[Verifier, KillableReader], form: str, code: str, wanted: str) -> None:
    question = question_of(tmp_path, FORMS[form])
    row = {"id": "q", "kind": question.kind, "gold": None, "spec": json.loads(question.spec)}
    line = json.dumps({**row, "question": question.text, "response": f"```python\n{code}\n```"}).encode()
    judged = verify_line(line, *judge)
    assert judged["verdict"] == wanted, judged


@pytest.mark.parametrize(
    ("time_limit", "allowed_s"),
    [
        # Codeforces', TACO's and CodeContests'; no more than the sandbox allows is no news
        (12.0, 12),
        ("12.0 seconds", 12),
        ("9 sec", 9),
        ("8000 ms", 8),
        ({"seconds": 6, "nanos": 500_000_000}, 6.5),
        ({"seconds": 20, "nanos": None}, 20),
        (2.0, None),
        ("5 seconds", None),
        ({"seconds": 2, "nanos": 0}, None),
        (None, None),
        ("as long as it takes", None),
        ([9], None),
    ],
)
def test_what_a_row_allows_is_read(tmp_path: Path, time_limit: Any, allowed_s: float | None) -> None:
    spec = json.loads(question_of(tmp_path, {**apps(PLUS), "time_limit": time_limit}).spec)
    assert spec.get("time_limit_s") == allowed_s


@pytest.mark.parametrize(
    ("allowed_s", "reason"), [(None, Reason.TOO_SLOW), (1, Reason.TOO_SLOW), (9, Reason.VERIFIER_TIMEOUT)]
)
def test_what_is_too_slow_for_the_sandbox_alone_stays_open(allowed_s: float | None, reason: Reason) -> None:
    """The bug: a program that needs 7 of its 10 seconds was incorrect."""
    spec = {"tests": [{"input": "", "output": "1\n"}]} | ({"time_limit_s": allowed_s} if allowed_s else {})
    with closing(CodeJudge(ResourceLimits(cpu_s=1))) as judge:
        assert judge.judge("while True: pass", json.dumps(spec)).reason is reason
        assert judge.judge("print(1)", json.dumps(spec)).reason is Reason.ALL_CASES_PASSED

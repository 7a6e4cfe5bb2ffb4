"""HumanEval's own solutions are correct, and mutants of them are not, as bodies, as functions and in fences."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.code import CodeJudge

WRONG_VALUE = """
_right = {name}
def _wrong(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, (str, list, tuple)):
        return value + type(value)("x")
    return None if value else 0
def {name}(*args, **kwargs):
    return _wrong(_right(*args, **kwargs))
"""
NOTHING = "\ndef {name}(*args, **kwargs): pass\n"
ALWAYS_EQUAL = """
class _Equal:
    __eq__ = __lt__ = __gt__ = __bool__ = lambda *others: True
    __sub__ = __abs__ = __iter__ = __getitem__ = lambda self, *others: self
def {name}(*args, **kwargs): return _Equal()
"""


@pytest.fixture(scope="module")
def problems(shared_data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared_data / "humaneval.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def judge() -> Iterator[CodeJudge]:
    made = CodeJudge()
    yield made
    made.close()


def spec(problem: dict[str, Any]) -> str:
    return json.dumps({name: problem[name] for name in ("entry_point", "prompt", "test")})


def whole(problem: dict[str, Any]) -> str:
    return str(problem["prompt"] + problem["canonical_solution"])


def test_the_canonical_solutions_are_correct(judge: CodeJudge, problems: list[dict[str, Any]]) -> None:
    judged = {p["task_id"]: judge.judge(p["canonical_solution"], spec(p)) for p in problems}
    assert len(judged) == 100
    assert {name: j.evidence for name, j in judged.items() if j.verdict is not Ruling.CORRECT} == {}
    assert sum("cases" in str(j.evidence) for j in judged.values()) >= 94  # the others' tests have to be run


@pytest.mark.parametrize("mutation", [WRONG_VALUE, NOTHING, ALWAYS_EQUAL], ids=["wrong value", "nothing", "equal"])
def test_mutants_are_incorrect(judge: CodeJudge, problems: list[dict[str, Any]], mutation: str) -> None:
    """An object that says it is equal cannot even reach a test that has to be run: that is left open."""
    allowed = {Reason.WRONG_RESULT} | ({Reason.NOT_DATA} if mutation is ALWAYS_EQUAL else set())
    judged = {p["task_id"]: judge.judge(whole(p) + mutation.format(name=p["entry_point"]), spec(p)) for p in problems}
    assert {name: j for name, j in judged.items() if j.reason not in allowed} == {}
    assert sum(j.reason is Reason.WRONG_RESULT for j in judged.values()) >= 97


def test_the_same_answer_in_other_forms(judge: CodeJudge, problems: list[dict[str, Any]]) -> None:
    for problem in problems[:20]:
        body = problem["canonical_solution"]
        for answer in (
            whole(problem),
            body.strip(),  # the first line has lost its indentation
            f"So this is it:\n```python\n{whole(problem)}```\nIt runs in linear time.",
            f"```\n{body}```",
            f"```python\n{whole(problem)}```\n\nAn example:\n\n```python\nprint({problem['entry_point']})\n```",
        ):
            assert judge.judge(answer, spec(problem)).verdict is Ruling.CORRECT, answer

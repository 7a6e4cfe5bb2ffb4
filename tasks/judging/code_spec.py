"""The `spec` of a question of kind `code`. Pure.

entry_point, cases      calls and what they return
entry_point, test       Python that asserts, as `check(candidate)` or as it stands; also test_list, a list of asserts,
                        from which the entry point can be told
tests                   of a program, by standard input and output; it needs no entry point
any_answer              true: another output than the expected may be right, too, so it is left open
equal                   true: what Python calls equal to what is expected in cases, such as 3.0 for 3, is left open
wrapped                 true: what is expected in cases may stand in a list of one, as APPS has it
time_limit_s            what the question allows: where the sandbox allows less, what is too slow is left open
"""

import builtins
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemas.record import Record
from tasks.judging.expectation import ExpectedCall
from tasks.sandbox.frames import Message
from tasks.sandbox.values import TooLarge, encode

_ENTRY_POINT = re.compile(r"(?:[^\W\d]\w*(?:\(\))?\.)?[^\W\d]\w*")
_CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)[ \t]*\(")
_MADE_HERE = re.compile(r"\b(?:def|class|import|as)[ \t]+(\w+)|^[ \t]*(\w+)[ \t]*=", re.MULTILINE)


class ProgramTest(Record):
    input: str
    output: str


class CodeSpec(Record):
    """Cases that the question states itself, or a test, or tests of a program."""

    entry_point: str = ""
    """Empty for a program."""
    prompt: str = ""
    cases: tuple[ExpectedCall, ...] = ()
    test: str | None = None
    tests: tuple[ProgramTest, ...] = ()
    any_answer: bool = False
    equal: bool = False
    wrapped: bool = False
    time_limit_s: float = 0.0
    """0 where the question names none."""

    @property
    def returns(self) -> str:
        """What the prompt says that the entry point returns; empty where it does not."""
        name = re.escape(self.entry_point.rpartition(".")[2])
        said = re.search(rf"def\s+{name}\s*\([^\0]*?\)\s*->\s*([^\n]+?)\s*:\s*(?:#.*)?$", self.prompt, re.MULTILINE)
        return said[1] if said else ""

    @property
    def source(self) -> Message:
        """What a snippet has to know of it to work on its test."""
        return {"prompt": self.prompt, "test": self.test, "entry_point": self.entry_point}


class BadSpec(Exception):
    """With what is wrong."""


def read_spec(spec: str) -> CodeSpec:
    """Read the spec of a question of kind `code`. Raises `BadSpec`."""
    try:
        fields = json.loads(spec)
    except (ValueError, RecursionError) as error:
        raise BadSpec(f"no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise BadSpec("needs a JSON object")
    prompt, cases, test, tests = fields.get("prompt"), fields.get("cases"), _test(fields), fields.get("tests")
    if not isinstance(prompt, str | None):
        raise BadSpec("prompt: needs Python source")
    if sum(bool(part) for part in (cases, test, tests)) != 1:
        raise BadSpec("needs one of cases, test and tests")
    marks: dict[str, Any] = {name: fields.get(name) is True for name in ("any_answer", "equal", "wrapped")}
    marks["time_limit_s"] = limit = fields.get("time_limit_s", 0.0)
    if not isinstance(limit, int | float) or not limit >= 0:
        raise BadSpec("time_limit_s: needs seconds")
    entry_point = entry_point_of(fields)
    if tests is None and not _ENTRY_POINT.fullmatch(entry_point):
        raise BadSpec("entry_point: needs the name of a function, or of a method, such as Solution.solve")
    if isinstance(cases, list) and cases:
        return CodeSpec(entry_point=entry_point, prompt=prompt or "", cases=tuple(map(_case, cases)), **marks)
    if isinstance(tests, list) and tests:
        return CodeSpec(prompt=prompt or "", tests=tuple(map(_program_test, tests)), **marks)
    if isinstance(test, str) and test.strip():
        return CodeSpec(entry_point=entry_point, prompt=prompt or "", test=test, **marks)
    raise BadSpec("needs cases or tests, a list that is not empty, or test, Python source")


def entry_point_of(fields: Mapping[str, Any]) -> str:
    """Return the entry point of a spec; empty for a program, and where there is none. Without one it is what the
    asserts call most.
    """
    given, test = fields.get("entry_point"), _test(fields)
    if fields.get("tests") is not None:
        return ""
    if given is not None or not isinstance(test, str):
        return given.strip() if isinstance(given, str) else ""
    asserts = "\n".join(line for line in test.splitlines() if line.lstrip().startswith("assert"))
    made = {name for pair in _MADE_HERE.findall(test) for name in pair}
    called = Counter(name for name in _CALLED.findall(asserts) if name not in made and not hasattr(builtins, name))
    called.pop("candidate", None)
    return called.most_common(1)[0][0] if called else ""


def case_from_pair(pair: Message) -> ExpectedCall:
    """Return a case that a test was found to consist of."""
    return ExpectedCall(pair["args"], pair["kwargs"], pair["expect"], pair["value"], pair["within"])


def _test(fields: Mapping[str, Any]) -> Any:
    """What the spec says as Python source, in one piece."""
    test, listed = fields.get("test"), fields.get("test_list")
    if test is None and isinstance(listed, list) and all(isinstance(line, str) for line in listed):
        imports, setup = fields.get("test_imports"), fields.get("test_setup_code")
        before = [*(imports if isinstance(imports, list) else ()), setup if isinstance(setup, str) else ""]
        return "\n".join([*map(str, before), *listed])
    return listed if test is None else test


def _case(case: Any) -> ExpectedCall:
    if not isinstance(case, dict) or not isinstance(case.get("args"), list) or "expected" not in case:
        raise BadSpec('cases: each needs {"args": [...], "expected": ...}')
    try:
        return ExpectedCall(encode(tuple(case["args"])), encode({}), "same", encode(case["expected"]), json=True)
    except TooLarge as error:
        raise BadSpec(f"cases: {error}") from None


def _program_test(test: Any) -> ProgramTest:
    if not isinstance(test, dict) or not all(isinstance(test.get(name), str) for name in ("input", "output")):
        raise BadSpec('tests: each needs {"input": text, "output": text}')
    return ProgramTest(input=test["input"], output=test["output"])

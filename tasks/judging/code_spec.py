"""The `spec` of a question of kind `code`. Pure."""

import json
import re
from typing import Any, NamedTuple

from tasks.judging.expectation import Case
from tasks.sandbox.frames import Message
from tasks.sandbox.values import TooLarge, encode


class CodeSpec(NamedTuple):
    """Cases that the question states itself, or else a test."""

    entry_point: str
    prompt: str
    cases: tuple[Case, ...]
    test: str | None

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
    """Raises `BadSpec`."""
    try:
        fields = json.loads(spec)
    except (ValueError, RecursionError) as error:
        raise BadSpec(f"no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise BadSpec("needs a JSON object")
    entry_point, prompt, cases, test = (fields.get(name) for name in ("entry_point", "prompt", "cases", "test"))
    if not isinstance(entry_point, str) or not entry_point.isidentifier():
        raise BadSpec("entry_point: needs the name of a function")
    if not isinstance(prompt, str | None):
        raise BadSpec("prompt: needs Python source")
    if isinstance(cases, list) and cases and test is None:
        return CodeSpec(entry_point, prompt or "", tuple(_case(case) for case in cases), None)
    if isinstance(test, str) and test.strip() and cases is None:
        return CodeSpec(entry_point, prompt or "", (), test)
    raise BadSpec("needs either cases, a list that is not empty, or test, Python source")


def case_from_pair(pair: Message) -> Case:
    """A case that a test was found to consist of."""
    return Case(pair["args"], pair["kwargs"], pair["expect"], pair["value"], pair["within"])


def _case(case: Any) -> Case:
    if not isinstance(case, dict) or not isinstance(case.get("args"), list) or "expected" not in case:
        raise BadSpec('cases: each needs {"args": [...], "expected": ...}')
    try:
        return Case(encode(tuple(case["args"])), encode({}), "same", encode(case["expected"]), json=True)
    except TooLarge as error:
        raise BadSpec(f"cases: {error}") from None

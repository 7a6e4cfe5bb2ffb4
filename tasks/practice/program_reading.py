"""A Python task as its text states it: the function's name and parameters, what it returns, examples, shown code."""

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.practice.idioms import Understood, understand

_FENCED = re.compile(r"```python\n(.*?)\n```", re.S)
_DEFINED = re.compile(r"def (\w+)\((\w+(?:, \w+)*)\):")
_CALLED = re.compile(r"`(\w+)\((\w+(?:, \w+)*)\)`")
_RETURNS = re.compile(r"\breturns? ")
_FAILS = r"(?: (?:But it has a bug|It does not|Something is wrong):)?"
_AFTER = re.compile(rf"{_FAILS}(?: (?:For example|At the moment|However|Instead),)?(?: `CALL\(|$)", re.M)
"""What may follow a specification on its line: nothing, or examples."""
_VALUE = re.compile(r"[^`]*?`([^`]*)`|(?: == |  # |\n)(.+)")
LONGEST = 4000
"""Characters of a task; what is longer is none of these."""
LARGEST = 10_000
"""Of the numbers and lengths in an example that is worked out by hand."""


@dataclass(frozen=True)
class Example:
    call: str
    args: list[Any]
    expected: Any
    got: str
    """What the shown code does instead, in the question's words; empty where it tells none."""


@dataclass(frozen=True)
class Task:
    name: str
    parameters: tuple[str, ...]
    understood: Understood
    examples: tuple[Example, ...]
    shown: str
    """The code that has a bug; empty where the function is to be written."""


def read_task(question: str) -> Task | None:
    """None for a text that is no such task, or says more of what is returned than can be understood."""
    if len(question) > LONGEST:
        return None
    code = _FENCED.search(question)
    signature = (_DEFINED.search(code[1]) if code else None) or _DEFINED.search(question) or _CALLED.search(question)
    if not signature:
        return None
    name, parameters = signature[1], tuple(signature[2].split(", "))
    names = {name, *parameters}
    if len(parameters) > 3 or len(names) <= len(parameters) or not all(map(_is_name, names)):
        return None
    text = question.replace(code[0], "") if code else question
    for letter, parameter in zip("abc", parameters, strict=False):
        text = text.replace(f"`{parameter}`", f"<{letter}>")
    text = text.replace(f"{name}(", "CALL(")
    for returns in _RETURNS.finditer(text):
        rest = text[returns.end() :]
        understood = understand(rest, parameters)
        if understood and _AFTER.match(rest, understood.end):
            examples = tuple(_examples(question, name, len(parameters)))
            return Task(name, parameters, understood, examples, code[1] if code else "")
    return None


def _examples(text: str, name: str, n_parameters: int) -> Iterator[Example]:
    """Those that are small enough to work out, and stated as Python writes them."""
    for found in re.finditer(rf"\b{name}\(.*?\)(?=`| == |  # |\n|$)", text):
        call, rest = found[0], text[found.end() :].removeprefix("`")
        value = _VALUE.match(rest)
        if not value:
            continue
        got = ""
        if failed := re.match(r" (?:returns `([^`]*)`|raises (\w+))[^`\n]* `([^`]*)`", rest):
            between = rest[: failed.start(3)]
            if f"{name}(" not in between:
                got, stated = failed[1] or f"a {failed[2]}", failed[3]
        if not got:
            stated = value[1] if value[1] is not None else value[2]
        try:
            args = [ast.literal_eval(arg) for arg in _arguments(call)]
            expected = ast.literal_eval(stated.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if len(args) == n_parameters and all(map(_small, args)):
            yield Example(call, args, expected, got)


def _is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii() and not keyword.iskeyword(text) and not hasattr(builtins, text)


def _arguments(call: str) -> list[ast.expr]:
    parsed = ast.parse(call, mode="eval").body
    if not isinstance(parsed, ast.Call) or parsed.keywords:
        raise ValueError("no plain call")
    return parsed.args


def _small(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) <= LARGEST
    if isinstance(value, str):
        return len(value) <= 200
    if isinstance(value, dict):
        return _small(list(value.items()))
    return isinstance(value, list | tuple) and len(value) <= 50 and all(map(_small, value))

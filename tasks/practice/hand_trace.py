"""A function of the teacher's own run as one would by hand: a few steps, with what the variables hold after each turn.

Only code from the teacher's own tables is run, never any that stands in a question.
"""

import re
import sys
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

STEPS = 2000
"""Lines that are run at most; who works by hand gives up long before."""
LONGEST = 40
"""Characters of a value that is told."""


class Endless(Exception):
    """It takes more than `STEPS` lines."""


@dataclass(frozen=True)
class Outcome:
    said: str
    """The value as Python writes it, or `a TypeError`."""
    value: Any
    failed: bool
    turns: tuple[str, ...]
    """What the variables held after each turn of the first loop, such as `n = 2, total = 4`."""


def trace(source: str, name: str, args: list[Any]) -> Outcome:
    namespace: dict[str, Any] = {}
    code = compile(source, "<own>", "exec")
    exec(code, namespace)
    function = namespace[name]
    watch = _Watch(source, function.__code__)
    before = sys.gettrace()
    sys.settrace(watch.call)
    try:
        value = function(*args)
    except (TypeError, LookupError, ValueError, AttributeError, Endless, ArithmeticError, MemoryError) as error:
        kind = "no end" if isinstance(error, Endless) else f"a {type(error).__name__}"
        return Outcome(kind, None, True, tuple(watch.turns))
    finally:
        sys.settrace(before)
    return Outcome(repr(value), value, False, tuple(watch.turns))


class _Watch:
    """Follows one function; what it calls is not looked into, but counts."""

    def __init__(self, source: str, code: CodeType) -> None:
        lines = source.split("\n")
        self.loop = next((i for i, line in enumerate(lines, 1) if line.lstrip().startswith(("for ", "while "))), 0)
        self.first = re.findall(r"\w+", lines[self.loop - 1].partition(" in ")[0]) if self.loop else []
        self.code = code
        given = code.co_varnames[: code.co_argcount]
        self.constant = {name for name in given if not re.search(rf"^ +{name} (?://)?= ", source, re.M)}
        self.steps = 0
        self.reached = 0
        self.turns: list[str] = []

    def call(self, frame: FrameType, event: str, _: Any) -> Any:
        self.steps += 1
        if self.steps > STEPS:
            raise Endless
        if event == "line" and frame.f_code is self.code and frame.f_lineno == self.loop:
            self.reached += 1
            if self.reached > 1:
                self._note(frame)
        return self.call

    def _note(self, frame: FrameType) -> None:
        held = {
            name: repr(value) for name, value in frame.f_locals.items() if name not in self.constant and name != "_"
        }
        names = sorted(held, key=lambda name: name not in self.first)
        self.turns.append(", ".join(f"{name} = {held[name]}" for name in names if len(held[name]) <= LONGEST))

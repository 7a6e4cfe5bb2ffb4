"""A question's test: noted as pairs, or run against a candidate in another snippet. No code of a model runs here."""

import builtins
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from tasks.sandbox import frames, pairs, program
from tasks.sandbox.errors import described
from tasks.sandbox.frames import Message
from tasks.sandbox.values import decode, encode

_KEPT_BACK = ("eval", "exec", "compile")
_KEPT_BACK_MODULES = ("pickle", "_pickle", "marshal", "code", "codeop", "shelve")
"""A test may not turn an answer into code, or a model's code would run beside the verdict."""
_CAUSED_BY_AN_ANSWER = (AssertionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a test raises that is given a wrong answer, or one of the wrong type or shape."""


class CandidateError(Exception):
    """The candidate raised something that is not one of Python's own exceptions."""


def find_pairs(request: Message) -> Message:
    """`{"pairs"}`: what the test asks and expects; none, with the reason, where it has to be run."""
    notebook = pairs.Notebook()

    def unasked(*args: object, **kwargs: object) -> None:
        raise pairs.NoPairs("something other than an assert of the test asks the candidate")

    try:
        tree = pairs.rewrite(request["test"], request["entry_point"])
        _execute(tree, request, unasked, {pairs.NOTE: notebook.note})
    except Exception as error:  # noqa: BLE001 - whatever it is, the run of the test will meet it again
        return {"pairs": [], "detail": described(error)}
    return {"pairs": notebook.pairs}


class Trial:
    """One run of a test. The candidate that it calls is a message out and a message in."""

    def __init__(self, channel: int, request: Message) -> None:
        self._channel = channel
        self._request = request
        self._asked = 0
        self._raised: Exception | None = None

    def run(self) -> Message:
        test = self._request["test"]
        try:
            _execute(test, self._request, self._candidate, {})
        except BaseException as error:  # noqa: BLE001 - reported
            return {"failed": self._blame(error), "detail": _place(error, test)}
        return {"passed": self._asked}

    def _candidate(self, *args: object, **kwargs: object) -> Any:
        asks = {"asks": self._asked, "args": encode(args), "kwargs": encode(kwargs)}
        frames.write(self._channel, asks)
        reply = frames.read(self._channel)
        assert reply is not None
        self._asked += 1
        if "raised" in reply:
            self._raised = _exception(reply["raised"], reply["detail"])
            raise self._raised
        return decode(reply["value"])

    def _blame(self, error: BaseException) -> str:
        if self._raised and error is self._raised:
            return "raised"
        if self._asked and isinstance(error, _CAUSED_BY_AN_ANSWER):
            return "wrong_result"
        return "question"


def _execute(test: Any, request: Message, candidate: Callable[..., Any], more: dict[str, Any]) -> None:
    """The prompt's own code, then the test's, then its `check`, with `candidate` as the entry point."""
    for name in _KEPT_BACK_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    module = sys.modules["question"] = types.ModuleType("question")
    names = module.__dict__
    names["__builtins__"] = {name: value for name, value in vars(builtins).items() if name not in _KEPT_BACK}
    exec(program.prelude(request["prompt"]), names)
    names |= {request["entry_point"]: candidate, **more}
    exec(compile(test, "<test>", "exec", dont_inherit=True), names)
    if "check" in names:
        names["check"](candidate)


def _exception(name: str, detail: str) -> Exception:
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(detail)
        except TypeError:  # UnicodeDecodeError, which wants five arguments
            pass
    return CandidateError(f"{name}: {detail}")


def _place(error: BaseException, test: str) -> str:
    """What it is, and the line of the test where it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<test>"]
    source = test.splitlines()
    at = f" at `{source[lines[-1] - 1].strip()}`" if lines and lines[-1] and lines[-1] <= len(source) else ""
    return f"{described(error)}{at}"

"""A question's test: noted as pairs, or run against a candidate in another snippet. No code of a model runs here."""

import builtins
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from tasks.sandbox import comparison, frames, pairs, program, remote
from tasks.sandbox.errors import described
from tasks.sandbox.frames import Message
from tasks.sandbox.values import decode

_KEPT_BACK = ("eval", "exec", "compile")
_KEPT_BACK_MODULES = ("pickle", "_pickle", "marshal", "code", "codeop", "shelve")
"""A test may not turn an answer into code, or a model's code would run beside the verdict."""
_CAUSED_BY_AN_ANSWER = (AssertionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a test raises that is given a wrong answer, or one of the wrong type or shape."""


class CandidateError(Exception):
    """The candidate raised something that is not one of Python's own exceptions."""


def find_pairs(request: Message) -> Message:
    """Return `{"pairs"}`: what the test asks and expects; none, with the reason, where it has to be run."""
    notebook = pairs.Notebook()

    def unasked(*args: object, **kwargs: object) -> None:
        raise pairs.NoPairs("something other than an assert of the test asks the candidate")

    try:
        tree = pairs.rewrite(request["test"], program.entry(request["entry_point"]).name)
        _execute(tree, request, unasked, {pairs.NOTE: notebook.note}, types.ModuleType("question"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the run of the test will meet it again
        return {"pairs": [], "detail": described(error)}
    return {"pairs": notebook.pairs}


class Trial:
    """One run of a test. The candidate that it calls is a message out and a message in."""

    def __init__(self, channel: int, request: Message) -> None:
        self._channel, self._request = channel, request
        self._asked = 0
        self._raised: list[tuple[Exception, str]] = []
        """What the candidate raised, and what had been refused to it."""
        self._refused: remote.NotData | None = None
        """Raised, and perhaps caught by the test."""
        self._module = types.ModuleType("question")
        self._noted = comparison.Noted()

    def run(self) -> Message:
        test = self._request["test"]
        candidate = remote.Remote(self._ask, self._request["entry_point"], 0)
        try:
            tree = comparison.noting(test)
            _execute(tree, self._request, candidate, self._noted.names(), self._module)
        except BaseException as error:  # noqa: BLE001 - reported
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<test>"]
            source = test.splitlines()
            at = f" at `{source[lines[-1] - 1].strip()}`" if lines and lines[-1] and lines[-1] <= len(source) else ""
            return {**self._blame(error), "detail": f"{described(error)}{at}"}
        if self._refused:
            return {"failed": "not_data", "detail": described(self._refused)}
        return {"passed": self._asked, "stood_in": sorted(self._noted.stood_in)}

    def _ask(self, question: Message) -> Any:
        if "refused" in question:
            self._refused = remote.NotData(question["refused"])
            raise self._refused
        given = question.pop("given", ())
        frames.write(self._channel, {"asks": self._asked, **question})
        reply = frames.read(self._channel)
        assert reply is not None
        self._asked += 1
        if "raised" in reply:
            raised = _exception(reply, vars(self._module))
            self._raised.append((raised, reply["refused"]))
            raise raised
        if "args" in reply:
            remote.show(given, decode(reply["args"]))
        if "handle" in reply:
            return remote.Remote(self._ask, str(reply["value"]["object"]), reply["handle"])
        return decode(reply["value"])

    def _blame(self, error: BaseException) -> Message:
        if self._refused:
            return {"failed": "not_data"}
        chain: BaseException | None = error
        while chain:
            for raised, refused in self._raised:
                if chain is raised:
                    return {"failed": "raised", "refused": refused}
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
        return {"failed": "wrong_result" if self._asked and isinstance(error, _CAUSED_BY_AN_ANSWER) else "question"}


def _execute(
    test: Any, request: Message, candidate: Callable[..., Any], more: dict[str, Any], module: types.ModuleType
) -> None:
    """The prompt's own code, then the test's, then its `check`, in `module`, with `candidate` as the entry point."""
    for name in _KEPT_BACK_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    sys.modules[module.__name__], names = module, vars(module)
    names["__builtins__"] = {name: value for name, value in vars(builtins).items() if name not in _KEPT_BACK}
    owner, name = program.entry(request["entry_point"])
    if program.is_class_form(request["prompt"], request["entry_point"]):
        program.surround(names)
    exec(program.prelude(request["prompt"]), names)
    names |= {name: candidate, **more}
    if owner or program.METHODS_OF not in names:
        names[owner or program.METHODS_OF] = lambda: types.SimpleNamespace(**{name: candidate})
    exec(compile(test, "<test>", "exec", dont_inherit=True), names)
    if "check" in names:
        names["check"](candidate)


def _exception(reply: Message, names: dict[str, Any]) -> Exception:
    """As the candidate's, of the question's own class of that name, else of the one of Python's that it comes from."""
    for known in (names.get(reply["raised"]), getattr(builtins, reply["standard"], None)):
        if isinstance(known, type) and issubclass(known, Exception):
            try:
                return known(reply["detail"])
            except TypeError:  # UnicodeDecodeError, which wants five arguments
                pass
    return CandidateError(f"{reply['raised']}: {reply['detail']}")

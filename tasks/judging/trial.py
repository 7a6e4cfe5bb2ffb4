"""A test that is no list of cases, run in a snippet of its own, without a model's code in it. It asks the candidate's
snippet through us: arguments out, data back.

What becomes of the arguments a test is shown where a call answers with nothing else, as functions do that work in
place. Where a call that answers with a value changes its arguments, too, the test has to come out the same whether it
is shown that or not.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.verdict import Reason, Ruling
from tasks.judging.candidate import CallSite, Candidate, EarlyVerdict, deciding, loaded, why
from tasks.judging.code_spec import CodeSpec
from tasks.judging.doubtful_number import check_numbers, kinds_in
from tasks.judging.expectation import falsified, has_nan, has_objects, shown, spoilt
from tasks.sandbox.frames import Message
from tasks.sandbox.sandbox import Sandbox
from tasks.sandbox.snippet import End
from tasks.sandbox.values import encode

TEST_ENDS = dict.fromkeys(End, Reason.VERIFIER_CRASHED) | dict.fromkeys(
    (End.TOO_SLOW, End.STARVED), Reason.VERIFIER_TIMEOUT
)
"""What the end of a test's snippet decides."""
_SPEAKS_OF_NAN = re.compile(r"(?<![a-z])(?:is_?)?nan(?![a-z])", re.IGNORECASE)
_FAILURES = {
    "wrong_result": Reason.WRONG_RESULT,
    "question": Reason.QUESTION_FAILED,
    "not_data": Reason.NOT_DATA,
}
_NOT_A_NUMBER: Message = {"value": encode(math.nan)}


class Passed(NamedTuple):
    n_calls: int
    stood_in: frozenset[str]
    """What a comparison let stand for an int."""


class ProgramRun(NamedTuple):
    """One run of the test against the candidate."""

    outcome: Passed | EarlyVerdict
    answers: list[Message]
    args_hidden: bool
    """Some call answered with a value and changed its arguments, which the test was not shown."""


def decide_by_test(sandbox: Sandbox, code: str, asked: CodeSpec) -> str:
    """Return how often it was asked. Raises `EarlyVerdict` unless it passes."""
    run = _run(sandbox, code, asked, show_all=False)
    if run.args_hidden:
        other = _run(sandbox, code, asked, show_all=True)
        if isinstance(run.outcome, Passed) is not isinstance(other.outcome, Passed):
            raise EarlyVerdict(
                Reason.UNDECIDED, "the test comes out otherwise if it sees what becomes of its arguments"
            )
    if isinstance(run.outcome, EarlyVerdict):
        raise run.outcome
    values = [answer.get("value") for answer in run.answers]
    check_numbers(run.outcome.stood_in & kinds_in(values), code, asked)
    changed = [_falsified(answer) for answer in run.answers]
    for answers in (changed, [_NOT_A_NUMBER]) if any(map(has_nan, values)) else (changed,):
        if not _fails_with(sandbox, asked, answers):
            raise EarlyVerdict(Reason.TEST_TOO_WEAK, "it also passes with every answer falsified")
    return f"the test passed after {run.outcome.n_calls} calls"


class _Objects:
    """What a test may ask of the objects that a candidate answers with. Of those of a class that it was asked for, all
    that can be asked; of others nothing with an argument, in which an expectation could go in.
    """

    def __init__(self, code: str, asked: CodeSpec) -> None:
        name = re.escape(asked.entry_point)
        self._asked_for = re.search(rf"^[ \t]*class[ \t]+{name}\b", f"{asked.prompt}\n{code}", re.MULTILINE) is not None
        self._names: dict[int, str] = {0: ""}

    def check(self, asks: Message) -> None:
        """Raises `EarlyVerdict`."""
        given = asks["of"] and "get" not in asks and (asks["args"]["tuple"] or asks["kwargs"]["dict"])
        if given and not self._asked_for and (name := self._names.get(asks["of"])) != "__getitem__":
            raise EarlyVerdict(
                Reason.NOT_DATA, f"call {asks['asks'] + 1}: an object that it answered with is asked {name}"
            )

    def note(self, asks: Message, found: Message) -> None:
        if "handle" in found:
            self._names[found["handle"]] = asks.get("get", "")


def _run(sandbox: Sandbox, code: str, asked: CodeSpec, show_all: bool) -> ProgramRun:
    """Raises `EarlyVerdict` where the test neither passes nor is failed by the candidate."""
    answers: list[Message] = []
    hidden = False
    objects = _Objects(code, asked)

    def answer(asks: Message) -> Message:
        nonlocal hidden
        objects.check(asks)
        found = _answer(candidate, asked, asks)
        objects.note(asks, found)
        if "args" in found and found.get("value") is not None and not show_all:
            del found["args"]
            hidden = True
        answers.append(found)
        return found

    try:
        with loaded(sandbox, code, asked) as candidate:
            return ProgramRun(_passed(sandbox, asked, answer), answers, hidden)
    except EarlyVerdict as decided:
        if decided.reason.ruling is not Ruling.INCORRECT:
            raise
        return ProgramRun(decided, answers, hidden)


def _passed(sandbox: Sandbox, asked: CodeSpec, answer: Callable[[Message], Message]) -> Passed:
    """Runs the test; `answer` is asked whatever it asks the candidate. Raises `EarlyVerdict` unless it passes."""
    with deciding(TEST_ENDS, "the test"), sandbox.start() as test:
        reply = test.ask({"do": "test", **asked.source})
        while "asks" in reply:
            reply = test.ask(answer(reply))
    if "failed" in reply:
        raise EarlyVerdict(why(reply, _FAILURES), reply["detail"])
    if not reply.get("passed"):
        raise EarlyVerdict(Reason.TEST_TOO_WEAK, f"it never calls {asked.entry_point}")
    return Passed(reply["passed"], frozenset(reply["stood_in"]))


def _answer(candidate: Candidate, asked: CodeSpec, asks: Message) -> Message:
    """The candidate's to what a test asks. Raises `EarlyVerdict` for one that would pass the test by its comparison."""
    number, of, args = asks["asks"], asks["of"], asks.get("args")
    name = f"object {of} of {asked.entry_point}" if of else asked.entry_point
    place = f"call {number + 1}: {name}.{asks['get']}" if args is None else CallSite(f"call {number + 1}", name, args)
    if has_objects([args, asks.get("kwargs")]):
        raise EarlyVerdict(Reason.NOT_DATA, f"{place} is asked by the test")
    candidate.ask({"do": "call", "case": number, **asks}, place)
    answer = candidate.next_answer(number, place)
    value = answer.get("value")
    if has_objects(answer.get("args")) or (has_objects(value) and "handle" not in answer):
        raise EarlyVerdict(Reason.NOT_DATA, f"{place} returned {shown(value)}")
    if has_nan(value) and not _SPEAKS_OF_NAN.search(str(asked.test)):
        raise EarlyVerdict(Reason.WRONG_RESULT, f"{place} returned NaN, which no comparison of the test would notice")
    return answer


def _falsified(answer: Message) -> Message:
    """Another answer; a value where there was an exception. What an object is asked for is falsified, and not it."""
    if "handle" in answer or answer.get("standard") == "StopIteration":
        return answer
    if "args" in answer:
        return {"value": answer["value"], "args": {"tuple": [spoilt(part) for part in answer["args"]["tuple"]]}}
    return {"value": falsified(answer["value"]) if "value" in answer else None}


def _fails_with(sandbox: Sandbox, asked: CodeSpec, answers: Sequence[Message]) -> bool:
    """Whether the test fails given these answers, the last to whatever it asks beyond them.

    Raises `EarlyVerdict` where that is open for a reason of ours.
    """
    try:
        _passed(sandbox, asked, lambda asks: answers[min(asks["asks"], len(answers) - 1)])
    except EarlyVerdict as decided:
        if decided.reason in (Reason.VERIFIER_TIMEOUT, Reason.VERIFIER_CRASHED):
            raise
        return True
    return False

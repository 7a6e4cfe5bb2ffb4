"""The judge of code: the candidate answers in a sandbox, and what it answered is compared out here.

Inputs go in, plain data of exact types comes out, expectations never go in. Every case has to be answered. A test that
is a list of asserts is turned into such cases; any other runs in a snippet of its own, without a model's code in it,
and asks the candidate's snippet through us. What passes has to fail against deliberately wrong expectations, or, where
the test is run, once more with its answers deliberately falsified: the candidate has no part in that, nor a say.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from schemas.record import clean_text
from schemas.verdict import Judgement, Reason
from tasks.judging.code_answer import chosen
from tasks.judging.code_spec import BadSpec, CodeSpec, case_from_pair, read_spec
from tasks.judging.expectation import Case, falsified, has_nan, has_objects, shown, shown_call
from tasks.sandbox.confinement import Limits
from tasks.sandbox.frames import Message
from tasks.sandbox.sandbox import Sandbox, SandboxUnavailable
from tasks.sandbox.snippet import End, Snippet, SnippetEnded
from tasks.sandbox.values import NotAValue, Tree, checked, encode

REMEMBERED_TESTS = 1024
"""Tests whose cases are kept, so that the samples of one question share them."""
ASKED_AT_ONCE = 100
"""Cases: they go in together, as every way there and back takes its time, and are answered one by one."""
EVIDENCE_CHARACTERS = 500
_NUMPY = re.compile(r"^\s*(?:import|from)\s+numpy\b", re.MULTILINE)
_SPEAKS_OF_NAN = re.compile(r"(?<![a-z])(?:is_?)?nan(?![a-z])", re.IGNORECASE)
_REFUSED = re.compile(
    r"PermissionError|ModuleNotFoundError|ImportError: lib|LookupError: unknown encoding"
    r"|RuntimeError: can't start new thread"
)
_ENDS = {
    End.TOO_SLOW: Reason.TOO_SLOW,
    End.TOO_LARGE: Reason.TOO_LARGE,
    End.GONE: Reason.ENDED_EARLY,
    End.BAD_FRAME: Reason.FORGED,
    End.STARVED: Reason.VERIFIER_TIMEOUT,
    End.KILLED: Reason.VERIFIER_CRASHED,
}
_TEST_ENDS = dict.fromkeys(End, Reason.VERIFIER_CRASHED) | dict.fromkeys(
    (End.TOO_SLOW, End.STARVED), Reason.VERIFIER_TIMEOUT
)
_LOADING_FAILURES = {
    "no_entry_point": Reason.NO_ENTRY_POINT,
    "syntax_error": Reason.SYNTAX_ERROR,
}
_TEST_FAILURES = {
    "wrong_result": Reason.WRONG_RESULT,
    "question": Reason.QUESTION_FAILED,
}
_NOT_A_NUMBER: Message = {"value": encode(math.nan)}


class Decided(Exception):
    """The candidate's verdict is clear before its last case."""

    def __init__(self, reason: Reason, evidence: str) -> None:
        super().__init__(f"{reason}: {evidence}")
        self.reason = reason
        self.evidence = evidence


class CodeJudge:
    """Judges answers to questions of kind `code`. Starts its sandboxes when first needed; `close` ends them."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - immutable
        self._plain = Sandbox(limits)
        self._with_numpy = Sandbox(limits, packages=("numpy",))
        self._cases: dict[CodeSpec, tuple[Case, ...]] = {}

    def judge(self, answer: str, spec: str) -> Judgement:
        """`answer` may be fenced. The evidence says which case decided and what came back."""
        try:
            asked = read_spec(spec)
            code = chosen(answer, asked.entry_point).of(answer)
            reason, evidence = Reason.ALL_CASES_PASSED, self._decide(code, asked)
        except BadSpec as error:
            reason, evidence = Reason.BAD_SPEC, str(error)
        except SandboxUnavailable as error:
            reason, evidence = Reason.SANDBOX_UNAVAILABLE, str(error)
        except Decided as decided:
            reason, evidence = decided.reason, decided.evidence
        return Judgement.of(reason, answer, clean_text(evidence[:EVIDENCE_CHARACTERS]))

    def close(self) -> None:
        """Ends the sandboxes. Idempotent; a later `judge` starts them again."""
        self._plain.close()
        self._with_numpy.close()

    def _decide(self, code: str, asked: CodeSpec) -> str:
        wants_numpy = any(_NUMPY.search(source or "") for source in (code, asked.prompt, asked.test))
        sandbox = self._with_numpy if wants_numpy else self._plain
        cases = asked.cases or self._cases_of(sandbox, asked)
        if not cases:
            return self._decide_by_test(sandbox, code, asked)
        return run_cases(sandbox, code, asked, cases)

    def _decide_by_test(self, sandbox: Sandbox, code: str, asked: CodeSpec) -> str:
        changed: list[Message] = []
        seen_nan = False

        def noted(asks: Message) -> Message:
            nonlocal seen_nan
            answer = candidate.answer_test(asked, asks)
            changed.append(_falsified(answer))
            seen_nan = seen_nan or has_nan(answer.get("value"))
            return answer

        with _candidate(sandbox, code, asked) as candidate:
            evidence = run_test(sandbox, asked, noted)
        for answers in (changed, [_NOT_A_NUMBER]) if seen_nan else (changed,):
            if not _fails_with(sandbox, asked, answers):
                raise Decided(Reason.TEST_TOO_WEAK, "it also passes with every answer falsified")
        return evidence

    def _cases_of(self, sandbox: Sandbox, asked: CodeSpec) -> tuple[Case, ...]:
        """The cases that the test consists of; none where it has to be run."""
        if asked not in self._cases:
            if len(self._cases) >= REMEMBERED_TESTS:
                del self._cases[next(iter(self._cases))]
            try:
                with sandbox.start() as snippet:
                    pairs = snippet.ask({"do": "pairs", **asked.source}).get("pairs", [])
            except SnippetEnded as ended:
                if ended.end in (End.STARVED, End.KILLED):
                    raise Decided(_TEST_ENDS[ended.end], f"the test: {ended.detail}") from None
                pairs = []  # the run of the test will end likewise, and say why
            self._cases[asked] = tuple(case_from_pair(pair) for pair in pairs)
        return self._cases[asked]


def run_cases(sandbox: Sandbox, code: str, asked: CodeSpec, cases: Sequence[Case]) -> str:
    """How many cases were answered as expected: all. Raises `Decided` at the first that was not, and where no answer
    tells an expectation from one that is wrong.
    """
    forged = True
    with _candidate(sandbox, code, asked, cases[:ASKED_AT_ONCE]) as candidate:
        for number, case in enumerate(cases):
            place = _Place(f"case {number + 1} of {len(cases)}", asked.entry_point, case.args)
            if number and number % ASKED_AT_ONCE == 0:
                candidate.ask(cases[number : number + ASKED_AT_ONCE], number, place)
            reply = candidate.next_answer(number, place)
            if "raised" in reply:
                raise Decided(_raised(reply["detail"]), f"{place} raised {reply['detail']}")
            if not case.met_by(reply["value"]):
                raise Decided(
                    Reason.WRONG_RESULT, f"{place} returned {shown(reply['value'])}; expected {case.described()}"
                )
            forged = forged and case.spoilt().met_by(reply["value"])
    if forged:
        raise Decided(Reason.FORGED, "it also passes with every expectation spoilt")
    return f"{len(cases)} of {len(cases)} cases"


def run_test(sandbox: Sandbox, asked: CodeSpec, answer: Callable[[Message], Message]) -> str:
    """Runs the test in a snippet of its own; `answer` is asked whatever it asks the candidate.

    Returns how often that was. Raises `Decided` unless the test passes.
    """
    with _deciding(_TEST_ENDS, "the test"), sandbox.start() as test:
        reply = test.ask({"do": "test", **asked.source})
        while "asks" in reply:
            reply = test.ask(answer(reply))
    if "failed" in reply:
        raise Decided(_why(reply, _TEST_FAILURES), reply["detail"])
    if not reply.get("passed"):
        raise Decided(Reason.TEST_TOO_WEAK, f"it never calls {asked.entry_point}")
    return f"the test passed after {reply['passed']} calls"


class _Place(NamedTuple):
    """Where a candidate is, spelled out only where that is told."""

    which: str
    entry_point: str
    args: Tree

    def __str__(self) -> str:
        return f"{self.which}: {shown_call(self.entry_point, self.args)}"


class _Candidate:
    """A loaded answer. Whatever its snippet says is either data or its undoing."""

    def __init__(self, snippet: Snippet) -> None:
        self._snippet = snippet

    def ask(self, cases: Sequence[Case], first: int, place: _Place) -> None:
        """All of them, the first of which has that number. Raises `Decided`."""
        with _deciding(_ENDS, place):
            self._snippet.send(_calls(cases, first))

    def next_answer(self, number: int, place: _Place) -> Message:
        """`{"value"}` or `{"raised", "detail"}`, to case `number`. Raises `Decided`."""
        with _deciding(_ENDS, place):
            reply = self._snippet.receive()
        if "large" in reply:
            raise Decided(Reason.TOO_LARGE, f"{place}: {reply['large']}")
        if reply.get("case") != number:
            raise Decided(Reason.FORGED, f"{place}: an answer to another case on the channel")
        if "raised" in reply:
            return {"raised": str(reply["raised"]), "detail": str(reply.get("detail"))}
        try:
            return {"value": checked(reply.get("value"))}
        except NotAValue as error:
            raise Decided(Reason.FORGED, f"{place}: {error}") from None

    def answer_test(self, asked: CodeSpec, asks: Message) -> Message:
        """Likewise, to what a test asks."""
        number, args, kwargs = asks["asks"], asks["args"], asks["kwargs"]
        place = _Place(f"call {number + 1}", asked.entry_point, args)
        if has_objects([args, kwargs]):
            raise Decided(Reason.NOT_DATA, f"{place} is asked by the test")
        self.ask([Case(args, kwargs, "true")], number, place)
        answer = self.next_answer(number, place)
        _let_in(answer, asked, place)
        return answer


@contextmanager
def _candidate(sandbox: Sandbox, code: str, asked: CodeSpec, cases: Sequence[Case] = ()) -> Iterator[_Candidate]:
    """The answer, loaded into a snippet of its own, and asked `cases` already. Raises `Decided`."""
    with _deciding(_ENDS, "starting"), sandbox.start() as snippet:
        known = {"prompt": asked.prompt, "entry_point": asked.entry_point}
        snippet.send({"do": "prompt", **known}, {"do": "load", "answer": code, **known}, _calls(cases, 0))
        ready = snippet.receive()  # said before the answer could say anything
        if "failed" in ready:
            raise Decided(Reason.QUESTION_FAILED, f"the prompt's own code: {ready['detail']}")
        loaded = snippet.receive()
        if "large" in loaded:
            raise Decided(Reason.TOO_LARGE, str(loaded["large"]))
        if "loaded" not in loaded:
            raise Decided(_why(loaded, _LOADING_FAILURES), str(loaded.get("detail")))
        yield _Candidate(snippet)


def _calls(cases: Sequence[Case], first: int) -> Message:
    return {"do": "calls", "first": first, "calls": [[case.args, case.kwargs] for case in cases]}


@contextmanager
def _deciding(reasons: Mapping[End, Reason], place: _Place | str) -> Iterator[None]:
    """What the end of a snippet decides."""
    try:
        yield
    except SnippetEnded as ended:
        raise Decided(reasons[ended.end], f"{place}: {ended.detail}") from None


def _why(failed: Message, reasons: Mapping[str, Reason]) -> Reason:
    word = str(failed.get("failed"))
    return _raised(str(failed.get("detail"))) if word == "raised" else reasons.get(word, Reason.FORGED)


def _raised(detail: str) -> Reason:
    return Reason.BEYOND_SANDBOX if _REFUSED.match(detail) else Reason.RAISED


def _let_in(answer: Message, asked: CodeSpec, place: _Place) -> None:
    """Raises `Decided` for an answer that would never reach a test's comparison, or slip through it."""
    value = answer.get("value")
    if has_objects(value):
        raise Decided(Reason.NOT_DATA, f"{place} returned {shown(value)}")
    if has_nan(value) and not _SPEAKS_OF_NAN.search(str(asked.test)):
        raise Decided(Reason.WRONG_RESULT, f"{place} returned NaN, which no comparison of the test would notice")


def _falsified(answer: Message) -> Message:
    """Another answer; a value where there was an exception."""
    return {"value": falsified(answer["value"]) if "value" in answer else None}


def _fails_with(sandbox: Sandbox, asked: CodeSpec, answers: Sequence[Message]) -> bool:
    """Whether the test fails given these answers, the last to whatever it asks beyond them.

    Raises `Decided` where that is open for a reason of ours.
    """
    try:
        run_test(sandbox, asked, lambda asks: answers[min(asks["asks"], len(answers) - 1)])
    except Decided as decided:
        if decided.reason in (Reason.VERIFIER_TIMEOUT, Reason.VERIFIER_CRASHED):
            raise
        return True
    return False

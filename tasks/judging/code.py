"""The judge of code: the candidate answers in a sandbox, and what it answered is compared out here.

Inputs go in, plain data of exact types comes out, expectations never go in. Every case has to be answered. A test that
is a list of asserts is turned into such cases; any other runs in a snippet of its own, without a model's code in it,
and asks the candidate's snippet through us. Who passes is run once more against deliberately wrong expectations, or
with its answers deliberately falsified, and must fail then.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

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
EVIDENCE_CHARACTERS = 500
_NUMPY = re.compile(r"^\s*(?:import|from)\s+numpy\b", re.MULTILINE)
_SPEAKS_OF_NAN = re.compile(r"(?<![a-z])(?:is_?)?nan(?![a-z])", re.IGNORECASE)
_REFUSED = re.compile(r"PermissionError|ModuleNotFoundError|ImportError: lib|RuntimeError: can't start new thread")
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
        evidence = run_cases(sandbox, code, asked, cases)
        if _fails(run_cases, sandbox, code, asked, [case.spoilt() for case in cases]):
            return evidence
        raise Decided(Reason.FORGED, "it also passes with every expectation spoilt")

    def _decide_by_test(self, sandbox: Sandbox, code: str, asked: CodeSpec) -> str:
        answers: list[Tree] = []

        def noted(answer: Message) -> Message:
            answers.append(answer.get("value"))
            return answer

        evidence = run_test(sandbox, code, asked, noted)
        for change in (_falsified, _not_a_number) if any(map(has_nan, answers)) else (_falsified,):
            if not _fails(run_test, sandbox, code, asked, change):
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
    """How many cases were answered as expected: all. Raises `Decided` at the first that was not."""
    with _candidate(sandbox, code, asked) as candidate:
        for number, case in enumerate(cases):
            place = f"case {number + 1} of {len(cases)}: {shown_call(asked.entry_point, case.args)}"
            reply = candidate.answer(number, case.args, case.kwargs, place)
            if "raised" in reply:
                raise Decided(_raised(reply["detail"]), f"{place} raised {reply['detail']}")
            if not case.met_by(reply["value"]):
                raise Decided(
                    Reason.WRONG_RESULT, f"{place} returned {shown(reply['value'])}; expected {case.described()}"
                )
    return f"{len(cases)} of {len(cases)} cases"


def run_test(sandbox: Sandbox, code: str, asked: CodeSpec, change: Callable[[Message], Message]) -> str:
    """Runs the test in one snippet and the candidate in another; `change` stands between its answers and the test.

    Returns how often the candidate was asked. Raises `Decided` unless the test passes.
    """
    with _candidate(sandbox, code, asked) as candidate, _deciding(_TEST_ENDS, "the test"), sandbox.start() as test:
        reply = test.ask({"do": "test", **asked.source})
        while "asks" in reply:
            place = f"call {reply['asks'] + 1}: {shown_call(asked.entry_point, reply['args'])}"
            if has_objects([reply["args"], reply["kwargs"]]):
                raise Decided(Reason.NOT_DATA, f"{place} is asked by the test")
            answer = candidate.answer(reply["asks"], reply["args"], reply["kwargs"], place)
            _let_in(answer, asked, place)
            reply = test.ask(change(answer))
    if "failed" in reply:
        raise Decided(_why(reply, _TEST_FAILURES), reply["detail"])
    if not reply.get("passed"):
        raise Decided(Reason.TEST_TOO_WEAK, f"it never calls {asked.entry_point}")
    return f"the test passed after {reply['passed']} calls"


class _Candidate:
    """A loaded answer. Whatever its snippet says is either data or its undoing."""

    def __init__(self, snippet: Snippet) -> None:
        self._snippet = snippet

    def answer(self, number: int, args: Tree, kwargs: Tree, place: str) -> Message:
        """`{"value"}` or `{"raised", "detail"}`. Raises `Decided`."""
        request = {"do": "call", "case": number, "args": args, "kwargs": kwargs}
        with _deciding(_ENDS, place):
            reply = self._snippet.ask(request)
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


@contextmanager
def _candidate(sandbox: Sandbox, code: str, asked: CodeSpec) -> Iterator[_Candidate]:
    """The answer, loaded into a snippet of its own. Raises `Decided`."""
    with _deciding(_ENDS, "starting"), sandbox.start() as snippet:
        known = {"prompt": asked.prompt, "entry_point": asked.entry_point}
        ready = snippet.ask({"do": "prompt", **known})
        if "failed" in ready:
            raise Decided(Reason.QUESTION_FAILED, f"the prompt's own code: {ready['detail']}")
        loaded = snippet.ask({"do": "load", "answer": code, **known})
        if "large" in loaded:
            raise Decided(Reason.TOO_LARGE, str(loaded["large"]))
        if "loaded" not in loaded:
            raise Decided(_why(loaded, _LOADING_FAILURES), str(loaded.get("detail")))
        yield _Candidate(snippet)


@contextmanager
def _deciding(reasons: Mapping[End, Reason], place: str) -> Iterator[None]:
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


def _let_in(answer: Message, asked: CodeSpec, place: str) -> None:
    """Raises `Decided` for an answer that would never reach a test's comparison, or slip through it."""
    value = answer.get("value")
    if has_objects(value):
        raise Decided(Reason.NOT_DATA, f"{place} returned {shown(value)}")
    if has_nan(value) and not _SPEAKS_OF_NAN.search(str(asked.test)):
        raise Decided(Reason.WRONG_RESULT, f"{place} returned NaN, which no comparison of the test would notice")


def _falsified(answer: Message) -> Message:
    """Another answer; a value where there was an exception."""
    return {"value": falsified(answer["value"]) if "value" in answer else None}


def _not_a_number(_: Message) -> Message:
    return {"value": encode(math.nan)}


def _fails(run: Callable[..., str], *arguments: object) -> bool:
    """Whether it is incorrect. Raises `Decided` where that is open for a reason of ours."""
    try:
        run(*arguments)
    except Decided as decided:
        if decided.reason in (Reason.VERIFIER_TIMEOUT, Reason.VERIFIER_CRASHED):
            raise
        return True
    return False

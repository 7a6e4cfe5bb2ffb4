"""Drafts by the student, verified, and what the teacher makes of them: whom each call goes to, and what decides."""

from typing import Any

import pytest
from pydantic import ValidationError

from flows.teacher_address import drafting_of
from schemas.call import Request
from schemas.configuration import RunConfiguration
from schemas.failure import FailureReason
from schemas.question import AnswerKind, Question
from schemas.teacher import DrafterSettings, TeacherSettings
from schemas.trace import Structure
from schemas.verdict import Ruling, VerdictSubject
from tasks.judging.effect import effect
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.parsing.grammar import parse
from tasks.tracing.compose_trace import with_tags
from tasks.tracing.draft_verdict import draft_need, verify_drafts
from tasks.tracing.strategy import Answer, Drafting, strategy_of
from tests.scripted import CUT, DECLINED, GOLD, QUESTION, REFUSED, REVISED, Reply, play, said, teacher

STUDENT = DrafterSettings(base_url="http://127.0.0.1:2/v1", model="pupil", temperature=1.0, confirm=1.0, suffix="Go.")
TEACHER = teacher(strategy="student_draft", suffix="Be brief.", temperature=0.3)
WRONG = "859 + 467 is 1327.\nThen 413, then 1220.\n\nSo the answer is 1220."
RIGHT = WRONG.replace("1327", "1326").replace("1220", GOLD)
LOOK = "859 + 467 is 1326, not 1327."
FLAT = "So 1326 - 914 + 807.\n\nAnswer: 1219"


def drafting(**settings: object) -> Drafting:
    student = STUDENT.model_copy(update=settings)
    return Drafting(student, "http://127.0.0.1:2/v1", "http://127.0.0.1:1/v1", seed=0)


@pytest.mark.parametrize(
    ("replies", "expected", "effects"),
    [
        ([said(WRONG), said(LOOK), said(REVISED)], Structure.OK, "corrected"),
        ([said(WRONG), said(LOOK), said(FLAT)], Structure.OK, "corrected"),
        ([said(WRONG), said(LOOK), said(FLAT.replace("1219", "7"))], Structure.OK, "missed"),
        ([said(RIGHT), said("I took 914 back: it fits.")], Structure.OK, "confirmed"),
        ([said(RIGHT), said("It fits.\n\nVerdict: correct")], Structure.OK, "confirmed"),
        ([said(WRONG), said(LOOK), said("<thinking>No end")], Structure.UNCLOSED, None),
        ([said(WRONG), said("859", "length")], Structure.UNCLOSED, None),
        ([said(f"<thinking>{WRONG}")], Structure.UNCLOSED, None),
        ([said(WRONG), said("")], FailureReason.CHECK_UNCLEAR, None),
        ([said(WRONG), REFUSED], FailureReason.REFUSED, None),
        ([CUT], FailureReason.DRAFT_UNVERIFIED, None),
        ([DECLINED], Structure.EMPTY, None),
        ([REFUSED], FailureReason.REFUSED, None),
    ],
)
def test_what_an_attempt_comes_to(replies: list[Reply], expected: object, effects: str | None) -> None:
    step, _ = play(TEACHER, replies, drafting=drafting())
    if not isinstance(step, Answer):
        assert step is expected
        return
    parsed = parse(step.text)
    assert parsed.structure is expected, step.text
    if effects:
        final, drafts = read_answers(step.text, parsed, QUESTION.kind, {})
        judge = Verifier().judge
        judged = [judge(QUESTION.kind, GOLD, draft.answer) if draft else None for draft in drafts]
        assert effect(judged, judge(QUESTION.kind, GOLD, final.answer if final else None))[0] == effects


def test_what_nobody_can_verify_ends_there() -> None:
    question = Question.of(text="Why?", gold=None, kind=AnswerKind.NUMBER, source="s")
    assert play(TEACHER, [said(WRONG)], question, drafting())[0] is FailureReason.DRAFT_UNVERIFIED


def test_the_text_is_the_students_words_then_the_teachers() -> None:
    step, _ = play(TEACHER, [said(WRONG), said(LOOK), said(REVISED)], drafting=drafting())
    assert step == Answer(
        f"<thinking>{WRONG}\n\n<reflection>\n{LOOK}\n</reflection>\n\n"
        "From there on 1326 - 914 + 807. So the answer is 1219.</thinking>\n<output>Answer: 1219</output>",
        "stop",
    )


def test_whom_each_call_goes_to_and_what_is_told() -> None:
    who = drafting()
    _, asked = play(TEACHER, [said(WRONG), said(LOOK), said(REVISED)], drafting=who)
    draft, look, revise = asked
    assert [who.wrote(request) for request in asked] == [True, False, False]
    to = [(request.endpoint[-5:], request.model, request.sampling.temperature) for request in asked]
    assert to == [(":2/v1", "pupil", 1.0), (":1/v1", "m", 0.3), (":1/v1", "m", 0.3)]
    assert draft.messages[-1].content == f"{QUESTION.text}\nGo."
    assert "tags" not in draft.messages[0].content
    for later in (look, revise):
        assert f"{QUESTION.text}\nBe brief." in later.messages[1].content
        assert WRONG in later.messages[1].content
        assert GOLD not in later.messages[1].content, "the verdict is told, never the gold"
    assert "<verdict>\nincorrect\n</verdict>" in look.messages[1].content
    assert LOOK in revise.messages[1].content
    assert look.sampling.seed == revise.sampling.seed is not None


def test_a_share_of_the_right_ones_is_confirmed() -> None:
    def ends(confirm: float, i: int) -> Any:
        question = Question.of(text=f"{i}: {QUESTION.text}", gold=GOLD, kind=AnswerKind.NUMBER, source="s")
        replies = [said(RIGHT), said("It fits.")] if confirm == 1 else [said(RIGHT)]
        return play(TEACHER, replies, question, drafting(confirm=confirm))[0]

    assert {ends(0, i) for i in range(5)} == {FailureReason.DRAFT_CORRECT}
    assert all(isinstance(ends(1, i), Answer) for i in range(5))
    some = [ends(0.25, i) for i in range(80)]
    assert 8 <= sum(isinstance(end, Request) for end in some) <= 34, "the teacher is asked about about a quarter"
    assert some == [ends(0.25, i) for i in range(80)], "and the same ones again"


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        (WRONG, f"<thinking>{WRONG}</thinking>\n<output>So the answer is 1220.</output>"),
        ("1220", "<thinking>1220</thinking>\n<output>1220</output>"),
        ("It adds.\nAnswer: 1220<|im_end|>", None),
        ("<output>1220</output>", "<output>1220</output>"),
        ("", ""),
    ],
)
def test_tags_for_an_answer_without(text: str, tagged: str | None) -> None:
    found = with_tags(Answer(text, "stop"), QUESTION)
    if tagged is None:
        assert parse(*found).structure is Structure.OK
        assert "<|im_end|>" not in found.text
    else:
        assert found.text == tagged


def test_the_draft_is_judged_as_any_trace_under_a_key_of_its_own() -> None:
    pattern = Question.of(
        text="q", gold="b", kind=AnswerKind.EXACT, source="s", spec='{"answer_pattern": "It is (\\\\w)"}'
    )
    needs = [
        draft_need("c1", WRONG, QUESTION),
        draft_need("c2", RIGHT, QUESTION),
        draft_need("c1", WRONG, pattern),
        draft_need("c3", "It is a, no: It is b", pattern),
    ]
    verdicts = verify_drafts(Verifier(), needs)
    assert [verdict.verdict for verdict in verdicts] == [
        Ruling.INCORRECT,
        Ruling.CORRECT,
        Ruling.UNVERIFIED,
        Ruling.CORRECT,
    ]
    assert [(v.subject, v.subject_id) for v in verdicts] == [(VerdictSubject.DRAFT, need.subject_id) for need in needs]
    assert [verdict.verdict_id for verdict in verdicts] == [need.key for need in needs]
    assert len({need.key for need in needs}) == 4


ASKED = {"questions": {"source": "jsonl", "path": "x"}}
DRAFTED = {"strategy": "student_draft"}


@pytest.mark.parametrize(
    ("values", "said_of"),
    [
        ({"teacher": {"strategy": "student_draft"}}, "drafter: got no section"),
        ({"drafter": {}}, "drafter: got a section; only teacher.strategy"),
        ({"teacher": {"strategy": "student_draft", "system_prompt": "x"}, "drafter": {}}, "drafter.system_prompt"),
        ({"teacher": {"strategy": "student_draft"}, "drafter": {"samples": 2}}, "drafter.samples"),
        (
            {"teacher": {"strategy": "student_draft"}, "drafter": {"strategy": "draft_reflect_revise"}},
            "drafter.strategy",
        ),
        (
            {"teacher": {"strategy": "student_draft"}, "drafter": {"base_url": "mine"}},
            "`practice` or `student` or an URL",
        ),
        ({"teacher": {"base_url": "student"}}, "needs `practice` or an URL"),
        (
            {
                "teacher": {"strategy": "student_draft"},
                "drafter": {},
                "student": {"backend": "vllm", "base_url": "http://127.0.0.1:3/v1"},
            },
            "give the server's URL",
        ),
        (
            {"teacher": {"strategy": "student_draft"}, "drafter": {"max_tokens": None}, "budget": {"tokens": 9}},
            "drafter.max_tokens",
        ),
        (
            {
                "teacher": {"strategy": "student_draft"},
                "drafter": {"base_url": "http://127.0.0.1:3/v1"},
                "budget": {"usd": 1},
            },
            "drafter.usd_per_million_input",
        ),
    ],
)
def test_what_a_configuration_may_not_say(values: dict[str, Any], said_of: str) -> None:
    with pytest.raises(ValidationError, match=said_of.replace(".", r"\.")):
        RunConfiguration.model_validate(ASKED | values)


def test_weights_of_ones_own_are_named_by_what_they_are() -> None:
    """Wherever the folder stands, and whatever the section `drafter` calls the model."""
    values = ASKED | {"teacher": {"strategy": "student_draft"}, "drafter": {}}
    found = drafting_of(RunConfiguration.model_validate(values))
    assert found
    assert found.endpoint.startswith("student/practice/")
    assert found.settings.model == "practice"
    assert drafting_of(RunConfiguration.model_validate(ASKED)) is None


def test_the_key_of_an_attempt_says_who_corrects_and_how_many_are_confirmed() -> None:
    keys = {
        strategy_of(TeacherSettings.model_validate(TEACHER.model_dump() | teacher_), drafting(**student)).key
        for teacher_, student in (
            ({}, {}),
            ({"model": "other"}, {}),
            ({"temperature": 0.9}, {}),
            ({}, {"confirm": 0.5}),
        )
    }
    assert len(keys) == 4

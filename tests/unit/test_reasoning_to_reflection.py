"""Thinking becomes reflections where it looks back, whatever field or mark it comes in; nothing is added but tags."""

import pytest

from schemas.configuration import RunConfiguration
from schemas.question import AnswerKind, Question
from schemas.teacher import TeacherSettings
from schemas.trace import Structure
from schemas.verdict import Effect
from tasks.judging.effect import effect
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.parsing.grammar import TAG, parse
from tasks.practice.behaviour import reply
from tasks.questions import Recorded, Seed
from tasks.synthesis.plan import make_plan
from tasks.tracing.strategy import Answer, strategy_of
from tests.scripted import FILTERED, GOLD, QUESTION, REFUSED, Reply, play, said, teacher

RTR = teacher(strategy="reasoning_to_reflection")
BY_MODEL = teacher(strategy="reasoning_to_reflection", segments="model")
THOUGHT = "859 + 467 is 1327. So the answer is 1220.\n\nWait, 9 + 7 is 16. So the answer is 1219."
TAGGED = (
    "859 + 467 is 1327. So the answer is 1220.\n\n<reflection>Wait, 9 + 7 is 16. So the answer is 1219.</reflection>"
)
OUTPUT = "Answer: 1219"


@pytest.mark.parametrize(
    ("answer", "thinking"),
    [
        (said(OUTPUT, reasoning=THOUGHT), f"<thinking>{TAGGED}</thinking>"),
        (said(f"<think>{THOUGHT}</think>\n{OUTPUT}"), f"<think>{TAGGED}</think>"),
        (said(f"[THINK]{THOUGHT}[/THINK]{OUTPUT}"), f"<thinking>{TAGGED}</thinking>"),
        (said(f"{THOUGHT}\n</think>\n{OUTPUT}"), f"<thinking>{TAGGED}</thinking>"),
        (
            said(
                f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{OUTPUT}"
            ),
            f"<thinking>{TAGGED}</thinking>",
        ),
    ],
)
def test_thinking_in_any_form(answer: Reply, thinking: str) -> None:
    step, asked = play(RTR, [answer])
    assert isinstance(step, Answer)
    assert step.text.startswith(thinking)
    assert len(asked) == 1
    parsed = parse(*step)
    assert parsed.structure is Structure.OK
    assert [reflection.text for reflection in parsed.reflections] == ["Wait, 9 + 7 is 16. So the answer is 1219."]
    assert TAG.sub("", parsed.thinking.of(step.text) if parsed.thinking else "") == THOUGHT, "character for character"
    final, drafts = read_answers(step.text, parsed, QUESTION.kind, {})
    assert final
    judge = Verifier().judge
    judged = [judge(QUESTION.kind, GOLD, draft.answer) if draft else None for draft in drafts]
    assert effect(judged, judge(QUESTION.kind, GOLD, final.answer))[0] is Effect.CORRECTED


@pytest.mark.parametrize(
    ("answer", "structure"),
    [
        (said(OUTPUT), Structure.UNTAGGED),
        (said("", reasoning=THOUGHT), Structure.MISSING_OUTPUT),
        (said(f"<think>{THOUGHT}", "length"), Structure.TRUNCATED),
        (FILTERED, Structure.TRUNCATED),
        (said(OUTPUT, reasoning="It adds up to 1219."), Structure.OK),
        (said(OUTPUT, reasoning="It is 1219. <reflection>Yes.</reflection> Wait, I said that."), Structure.OK),
    ],
)
def test_what_has_no_thinking_a_defect_or_reflections_of_its_own_stays(answer: Reply, structure: Structure) -> None:
    step, _ = play(RTR, [answer])
    plain, _ = play(teacher(), [answer])
    assert step == plain
    assert isinstance(step, Answer)
    assert parse(*step).structure is structure


NAMED = [said(OUTPUT, reasoning=THOUGHT), said("2 check")]


@pytest.mark.parametrize(
    ("second", "reflection"),
    [
        (said("2 check"), "So the answer is 1220."),
        (said("none"), "Wait, 9 + 7 is 16. So the answer is 1219."),
        (said(None), "Wait, 9 + 7 is 16. So the answer is 1219."),
        (said("2-9 check"), "Wait, 9 + 7 is 16. So the answer is 1219."),
        (REFUSED, "Wait, 9 + 7 is 16. So the answer is 1219."),
    ],
)
def test_a_model_names_the_sentences_or_the_rule_decides(second: Reply, reflection: str) -> None:
    step, (first, asked) = play(BY_MODEL, [said(OUTPUT, reasoning=THOUGHT), second])
    assert isinstance(step, Answer)
    parsed = parse(*step)
    assert [found.text for found in parsed.reflections] == [reflection]
    assert parsed.thinking
    assert TAG.sub("", parsed.thinking.of(step.text)) == THOUGHT
    assert [message.role for message in asked.messages] == ["system", "user"]
    assert "[3] Wait, 9 + 7 is 16." in asked.messages[1].content
    assert asked.sampling == first.sampling


def test_who_segments_is_part_of_the_key_and_the_first_call_is_not() -> None:
    assert strategy_of(RTR).key != strategy_of(BY_MODEL).key
    first = [strategy_of(each).first_request("q", 0, "e", 0, "") for each in (RTR, BY_MODEL)]
    assert first[0] == first[1]
    assert "segments" not in RTR.model_dump(), "as before there was such a key"


def test_recorded_reasoning_is_read_without_a_call() -> None:
    values = {"questions": {"source": "recorded", "path": "x"}}
    question = Question.of(text="q", gold=GOLD, kind=AnswerKind.NUMBER, source="s")
    seeds = [Seed(question, (Recorded("response", f"<think>{THOUGHT}</think>\n{OUTPUT}"),))]
    plans = [
        make_plan(RunConfiguration.model_validate(values | {"teacher": {"strategy": strategy}}), seeds, "e")
        for strategy in ("reasoning_to_reflection", "single_pass", "draft_reflect_revise")
    ]
    assert plans[0].plan_id != plans[1].plan_id == plans[2].plan_id, "what others ask for is not asked of a recording"
    with pytest.raises(ValueError, match=r"teacher\.segments"):
        RunConfiguration.model_validate(
            values | {"teacher": {"strategy": "reasoning_to_reflection", "segments": "model"}}
        )


def test_the_practice_reasoner_looks_back_in_words_and_earns_effects() -> None:
    settings = TeacherSettings(model="practice-reasoner", strategy="reasoning_to_reflection")
    judge, found = Verifier().judge, set()
    for n in range(60):
        question = Question.of(
            text=f"Solve the following problem: {n + 112} + {7 * n + 18} - {n} + {3 * n} =",
            gold=str(130 + 10 * n),
            kind=AnswerKind.NUMBER,
            source="s",
        )
        first = strategy_of(settings).first_request(question.text, n, "practice", 0, "")
        body = {"model": first.model, "temperature": 0.7, "max_tokens": 2048, "seed": n}
        messages = [message.model_dump() for message in first.messages]
        message = reply(body | {"messages": messages}).body["choices"][0]["message"]
        if not message.get("reasoning_content"):
            continue  # it declines
        assert "<reflection>" not in message["reasoning_content"]
        answer = said(message["content"], reasoning=message["reasoning_content"])
        step, _ = play(settings, [answer], question)
        assert isinstance(step, Answer)
        parsed = parse(*step)
        final, drafts = read_answers(step.text, parsed, question.kind, {})
        judged = [judge(question.kind, question.gold, draft.answer) if draft else None for draft in drafts]
        found.add(effect(judged, judge(question.kind, question.gold, final.answer if final else None))[0])
    assert {Effect.CORRECTED, Effect.CONFIRMED, Effect.MISSED} <= found

"""The marks on decorative reflections, held against what the practice teacher meant by each, over all its families."""

from collections import Counter

from schemas.attempt import Attempt
from schemas.call import Call, CallEnd, Message, Sampling, Usage
from schemas.question import AnswerKind, Question
from schemas.teacher import Preset
from schemas.trace import Structure
from tasks.asking.compose import compose
from tasks.judging.decorative import decorative
from tasks.practice.behaviour import Reply, reply
from tasks.practice.rates import PRESETS
from tasks.practice.voice import Move
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_trace
from tests.practice import GYM, golds

LEAST = 0.95


def replies() -> list[tuple[str, Reply]]:
    made = []
    known = golds(GYM, 60, 43)
    for seed, question in enumerate(known):
        body = {"model": "practice", "messages": [{"role": "user", "content": question}], "seed": seed}
        made.append((question, reply({**body, "temperature": 0.7}, PRESETS[Preset.SLOPPY], known)))
    return made


def marked(question: str, made: Reply) -> list[bool]:
    asked = Question.of(text=question, gold=None, kind=AnswerKind.EXACT, source="s")
    attempt = Attempt(
        attempt_id="a",
        plan_id="p",
        shard_id="s",
        question_id=asked.question_id,
        sample_index=0,
        call_id="c",
        prompt_version=None,
    )
    said = Answer(compose(call(made).content, call(made).reasoning), call(made).finish_reason)
    return [mark is not None for mark in decorative(make_trace(attempt, [call(made)], said, asked), question)]


def call(made: Reply) -> Call:
    return Call(
        call_id="c",
        endpoint="practice",
        model_asked="practice",
        model_answered="practice",
        messages=(Message(role="user", content=""),),
        sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
        sample_index=0,
        fresh="",
        ended=CallEnd.ANSWERED,
        error=None,
        raw_response=b"",
        content=made.text,
        reasoning=None,
        finish_reason="stop",
        usage=Usage(),
        cost_usd=None,
        latency_s=0.0,
        tries=1,
    )


def test_marks_are_what_the_teacher_meant() -> None:
    """What it goes over without naming anything, such as `the divisions`, counts against the rules here."""
    found: Counter[tuple[Move, bool]] = Counter()
    for question, made in replies():
        (decision,) = made.decisions
        if decision.malform is Structure.OK and not decision.refused:
            found.update(zip(decision.moves, marked(question, made), strict=True))
    hits, idle = found[Move.IDLE, True], found[Move.IDLE, True] + found[Move.IDLE, False]
    all_marked = sum(n for (_, is_marked), n in found.items() if is_marked)
    print(f"\n{found.total()} reflections, {idle} idle: precision {hits / all_marked:.3f}, recall {hits / idle:.3f}")
    assert idle > 150
    assert hits >= LEAST * all_marked
    assert hits >= LEAST * idle
    assert found[Move.CATCH, True] == found[Move.HARM, True] == 0, "a changed answer is never decoration"

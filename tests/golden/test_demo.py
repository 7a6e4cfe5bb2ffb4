"""What `make demo` is there to show, from its own configuration, without Ray and without the wire."""

import json
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from flows.configure import read_configuration
from schemas.question import Question
from schemas.teacher import Preset
from schemas.trace import Structure, Trace
from schemas.verdict import Effect, Ruling, Verdict
from tasks.asking.endpoint import request_body
from tasks.asking.reply import read_reply, terminal_call
from tasks.judging.verify import Verifier
from tasks.practice import endpoint
from tasks.practice.behaviour import reply
from tasks.practice.rates import PRESETS
from tasks.questions import load
from tasks.replay.procedure import replay
from tasks.synthesis.plan import make_plan
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_trace

DEMO = Path(__file__).parents[2] / "deploy" / "demo.toml"
Judged = list[tuple[Question, Trace, Verdict]]


@cache
def judged(preset: Preset) -> Judged:
    configuration = read_configuration(DEMO, [])
    seeds = load(configuration.questions, configuration.run.seed).seeds
    plan = make_plan(configuration, seeds, endpoint(preset), "")
    golds = {seed.question.text.strip(): seed.question.gold or "" for seed in seeds}
    jobs = []
    for opened, attempt in [(shard, each) for shard in map(plan.opened, plan.spans) for each in shard.shard.attempts]:
        request, question = opened.starts_with(attempt).request, opened.questions[attempt.question_id]
        body = json.dumps(reply(request_body(request), PRESETS[preset], golds).body).encode()
        ended = read_reply(200, {}, body, len(body))
        call = terminal_call(attempt.call_id, request, ended, configuration.teacher, 0.0, 1)
        assert call
        (ended,) = replay(opened.rollouts([attempt]), facts={call.call_id: call}).values()
        said = ended.result
        assert isinstance(said, Answer)
        jobs.append((make_trace(attempt, [call], said, question), question))
    with closing(Verifier()) as verifier:
        verdicts = verifier.verify_traces(jobs)
    return [(question, trace, verdict) for (trace, question), verdict in zip(jobs, verdicts, strict=True)]


def enough(found: Judged) -> bool:
    return len(found) >= 400 and len({question.source for question, _, _ in found}) >= 12


def every_effect(found: Judged) -> bool:
    return {verdict.effect for _, _, verdict in found} >= set(Effect)


def ten_defects(found: Judged) -> bool:
    return len({trace.structure for _, trace, _ in found} - {Structure.OK}) >= 10


def mostly_right(found: Judged) -> bool:
    rulings = [verdict.verdict for _, _, verdict in found]
    return 0.6 < rulings.count(Ruling.CORRECT) / len(rulings) < 0.9


@pytest.mark.parametrize("property_", [enough, every_effect, ten_defects, mostly_right])
def test_the_demo_shows_it(property_: Callable[[Judged], bool]) -> None:
    assert property_(judged(Preset.MILD))


def test_a_worse_teacher_would_be_seen() -> None:
    assert not mostly_right(judged(Preset.HOSTILE))


def test_a_smaller_or_better_demo_would_be_seen() -> None:
    few = [row for row in judged(Preset.MILD) if row[1].structure is Structure.OK and row[2].effect is Effect.CONFIRMED]
    assert not any(property_(few) for property_ in (enough, every_effect, ten_defects, mostly_right))

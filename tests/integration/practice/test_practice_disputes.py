"""Wrong golds are found by the samples that agree against them: one gold in twenty is corrupted, and the teacher is
wrong one time in five, a third of these times by the same mistake.

Without Ray and Prefect: the practice teacher's replies, the line, the verifier, the views.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
import reasoning_gym

from schemas.call import Outcome, Request
from schemas.configuration import RunConfiguration
from schemas.question import AnswerKind, Question
from schemas.record import canonical_json
from schemas.until import Until
from tasks.practice.behaviour import read, reply
from tasks.practice.rates import MILD
from tasks.questions import Seed
from tasks.questions.rulings import with_gold
from tasks.synthesis.pipeline import SynthesizePipeline, Tick
from tasks.synthesis.plan import make_plan
from tasks.synthesis.worklist import find_work
from tests.scripted import Reply, ScriptedWorkers, call, said
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

FAMILIES = ("letter_counting", "chain_sum", "spell_backward", "products", "gcd")
QUESTIONS, SAMPLES = 720, 5
CORRUPTED = 1 / 20
WRONG = 0.2
LEAST = 0.95
RATES = replace(MILD, slip_cold=1.3 * WRONG, slip_warm=0.0, common=1 / 3, catch=0.0, harm=0.0)
"""What it first gets wrong stays wrong. The families are easier than middling, where the rate would be `slip_cold`."""


class PracticeWorkers(ScriptedWorkers):
    """The practice teacher without a journal, and the real verifier."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
        ended = {request.call_id: call(request, self.script(request)) for request in requests}
        return [Outcome(call_id=call_id, call=each, pending=None) for call_id, each in ended.items()]


def practised(request: Request) -> Reply:
    messages = [message.model_dump() for message in request.messages]
    body: dict[str, Any] = {"model": "practice", "messages": messages, "seed": request.sample_index}
    choice = reply(body, RATES).body["choices"][0]
    message = choice["message"]
    return said(message["content"], choice["finish_reason"], reasoning=message.get("reasoning_content"), cost_usd=0.0)


def questions() -> Iterator[tuple[Question, bool]]:
    """Each with whether its gold was corrupted: it has that of another question of its family."""
    rng = random.Random(6)
    for family in FAMILIES:
        entries = list(reasoning_gym.create_dataset(family, size=QUESTIONS // len(FAMILIES), seed=11))
        for entry in entries:
            problem = read(entry["question"])
            if problem is None or entry["answer"] is None:
                continue
            entry["metadata"].pop("source_index", None)
            asked = Question.of(
                text=entry["question"],
                gold=entry["answer"],
                kind=AnswerKind.REASONING_GYM,
                source=f"reasoning_gym/{family}",
                spec=canonical_json({"dataset": family, "entry": entry}),
            )
            other = rng.choice(entries)["answer"]
            wrong = rng.random() < CORRUPTED and other != entry["answer"]
            yield (with_gold(asked, other) if wrong else asked), wrong


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str], float]:
    """The questions in dispute, those whose gold was corrupted, and the share of wrong answers to the others."""
    warehouse = Warehouse(tmp_path_factory.mktemp("disputes"))
    warehouse.create()
    asked = dict(questions())
    carry(warehouse, [Seed(question) for question in asked])
    with Snapshot(warehouse) as now:
        found = {question_id for (question_id,) in now.ask("SELECT question_id FROM disputes")[1]}
        judged = "FROM newest_verdicts v JOIN newest_traces ON trace_id = subject_id WHERE v.verdict <> 'unverified'"
        _, verdicts = now.ask(f"SELECT question_id, v.verdict = 'incorrect' {judged}")
        assert now.ask("SELECT bool_and(balanced) FROM books")[1] == [(True,)]
        masked = "SELECT count(*) FROM traces_full SEMI JOIN disputes USING (question_id) WHERE reason <> 'disputed'"
        assert now.ask(masked)[1] == [(0,)]
    corrupted = {question.question_id for question, wrong in asked.items() if wrong}
    wrong = [incorrect for question_id, incorrect in verdicts if question_id not in corrupted]
    return found, corrupted, sum(wrong) / len(wrong)


def carry(warehouse: Warehouse, seeds: list[Seed]) -> None:
    given = {"questions": {"source": "reasoning_gym"}, "teacher": {"samples": SAMPLES}, "run": {"shard_size": 500}}
    plan = make_plan(RunConfiguration.model_validate(given), seeds, "practice")
    workers = PracticeWorkers(practised)
    with Snapshot(warehouse) as before, closing(workers.verifier):
        work = find_work(before, plan, None, Until.VERIFY)
        with closing(SynthesizePipeline(plan, work, warehouse, before, workers, "run", Event())) as line:
            warehouse.land("questions", [seed.question for seed in seeds], "run", "plan")
            warehouse.land("attempts", list(plan.attempts), "run", "plan")
            for shard_work in work:
                line.generate(shard_work.shard_id)
                line.verify(shard_work.shard_id)
                line.leave(shard_work.shard_id)


def test_wrong_golds_are_found_and_right_ones_left(disputed: tuple[set[str], set[str], float]) -> None:
    found, corrupted, wrong = disputed
    precision, recall = len(found & corrupted) / len(found), len(found & corrupted) / len(corrupted)
    print(f"\n{wrong:.3f} of answers wrong; {len(corrupted)} golds corrupted, {len(found)} in dispute: "
          f"precision {precision:.3f}, recall {recall:.3f}")  # fmt: skip
    assert abs(wrong - WRONG) < 0.05
    assert len(corrupted) >= 20
    assert precision >= LEAST
    assert recall >= LEAST

"""The plan: every attempt that a configuration asks for, resolved before a token is bought. Pure."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from schemas.attempt import Attempt, Shard
from schemas.call import Call, CallEnd, Message, Request, Sampling, Usage
from schemas.configuration import RunConfiguration
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.record import content_key, content_key_of_many
from schemas.teacher import TeacherSettings
from tasks.asking.sampling import with_question_seed
from tasks.judging.llm_judge import LLMJudge
from tasks.judging.verifiers import VERIFIERS
from tasks.parsing.thinking import apart
from tasks.questions import Seed
from tasks.questions.seed_file import SeedFile, in_file
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.strategy import Answer, Drafting, Strategy, key_of, request_of, strategy_of
from warehouse.packed_keys import PackedKeys


@dataclass(frozen=True)
class FirstRequests:
    """What attempts that ask start with: made where it is wanted, because one takes two hundred times its key."""

    strategy: Strategy = field(compare=False)
    """Follows from the settings of its plan."""
    endpoint: str
    seed: int
    fresh: str
    seeded_by_sample: Set[str]
    """The call_ids of those whose seed is not one of their question: an earlier plan has them so."""

    def make(self, text: str, sample_index: int) -> Request:
        """Return the request for one sample of a question."""
        by_sample = self._by_sample(text, sample_index)
        if self.seeded_by_sample and by_sample.call_id in self.seeded_by_sample:
            return by_sample
        return with_question_seed(by_sample, self.seed, text)

    def keys(self, text: str) -> list[str]:
        """Return the call_id of each sample of a question."""
        return [self.make(text, index).call_id for index in self._samples]

    def keys_by_sample(self, text: str) -> list[str]:
        """Return what the call_ids would be if all questions had the same seeds."""
        return [self._by_sample(text, index).call_id for index in self._samples]

    @property
    def _samples(self) -> range:
        return range(self.strategy.teacher.samples)

    def _by_sample(self, text: str, sample_index: int) -> Request:
        return self.strategy.first_request(text, sample_index, self.endpoint, self.seed, self.fresh)


@dataclass(frozen=True)
class OpenShard:
    """A shard, and what its attempts are about and start with."""

    shard: Shard
    questions: dict[str, Question]
    first: FirstRequests | None
    """Of those that ask."""
    recorded: dict[str, Call]
    strategy: Strategy

    def rollouts(self, attempts: Iterable[Attempt]) -> dict[str, Procedure[Answer | FailureReason]]:
        """Return how each of these attempts of the shard is made, by attempt_id."""
        rollout, questions = self.strategy.rollout, self.questions
        return {a.attempt_id: rollout(self.starts_with(a), questions[a.question_id]) for a in attempts}

    def starts_with(self, attempt: Attempt) -> AskModel:
        """Return the first call of an attempt of the shard."""
        if recorded := self.recorded.get(attempt.call_id):
            return AskModel(request_of(recorded), attempt.call_id)
        assert self.first
        text = self.questions[attempt.question_id].text
        return AskModel(self.first.make(text, attempt.sample_index), attempt.call_id)


class ShardRange(NamedTuple):
    """Where a shard stands in its plan."""

    shard_id: str
    attempts: range
    """The places of its attempts among those of the plan."""
    questions: range
    """Those of its questions among the seeds."""


@dataclass(frozen=True)
class Plan:
    """Attempts in shards. In memory are keys alone: of what they are about, a shard is read when it is opened."""

    plan_id: str
    seeds: SeedFile
    attempt_ids: PackedKeys
    call_ids: PackedKeys
    """Of the calls that the attempts start with."""
    starts: "array[int]"
    """The place of the first attempt at each question, then that behind the last one; sample by sample they follow."""
    spans: tuple[ShardRange, ...]
    prompt_version: str | None
    """Of attempts that ask."""
    first: FirstRequests | None
    """What attempts that ask start with; None where none asks."""
    teacher: TeacherSettings
    """How its attempts go on from their first calls: by the strategy and the policies of these settings."""
    drafting: Drafting | None = None
    """Who writes the drafts, where the teacher does not."""
    written: dict[str, Request] = field(default_factory=dict)
    """The calls that its questions come from; they are no attempts."""
    judge: LLMJudge | None = None
    """The model that judges where only a model can."""

    @property
    def goes_on(self) -> bool:
        """Whether an attempt may ask for more than one call."""
        return self.strategy.goes_on

    @property
    def asks(self) -> bool:
        """Whether any attempt may ask for a call."""
        return self.first is not None or self.goes_on

    @property
    def strategy(self) -> Strategy:
        return strategy_of(self.teacher, self.drafting)

    def opened(self, span: ShardRange) -> OpenShard:
        """Read a shard."""
        seeds = self.seeds[span.questions.start : span.questions.stop]
        recorded, attempts = dict[str, Call](), list[Attempt]()
        for seed, begin, end in zip(seeds, self._starts(span.questions), self._starts(span.questions, 1), strict=True):
            call_ids = self.call_ids.texts(begin, end)
            for index, keys in enumerate(zip(self.attempt_ids.texts(begin, end), call_ids, strict=True)):
                attempts.append(self._attempt(span, seed, index, *keys))
            recorded |= {call.call_id: call for call in _recorded_calls(seed, call_ids)}
        questions = {seed.question.question_id: seed.question for seed in seeds}
        shard = Shard(shard_id=span.shard_id, attempts=tuple(attempts))
        return OpenShard(shard, questions, self.first, recorded, self.strategy)

    def columns(self, span: ShardRange) -> pa.Table:
        """Return the rows of a shard's attempts, as they land, without a look at the questions."""
        begin, end = span.attempts.start, span.attempts.stop
        counts = np.diff(self.starts[span.questions.start : span.questions.stop + 1])
        numbers = np.repeat(np.arange(span.questions.start, span.questions.stop), counts)
        version = pa.scalar(self.prompt_version, pa.string())
        columns = {
            "attempt_id": self.attempt_ids.arrow(begin, end),
            "plan_id": pa.repeat(self.plan_id, end - begin),
            "shard_id": pa.repeat(span.shard_id, end - begin),
            "question_id": self.seeds.ids.picked(numbers).arrow(),
            "sample_index": np.arange(begin, end) - np.frombuffer(self.starts, np.int32)[numbers],
            "call_id": self.call_ids.arrow(begin, end),
            "prompt_version": pa.compute.if_else(pa.array(self._ask[begin:end]), version, pa.scalar(None, pa.string())),
        }
        return pa.table(columns)

    @property
    def asked(self) -> PackedKeys:
        """The calls that attempts start with which ask."""
        return self.call_ids.picked(np.flatnonzero(self._ask))

    def first_requests(self) -> Iterator[tuple[str, Request]]:
        """Make what the attempts that ask start with, one after the other, each with its call_id."""
        for shard in map(self.opened, self.spans) if self.first else ():
            for attempt in shard.shard.attempts:
                if attempt.call_id not in shard.recorded:
                    yield attempt.call_id, shard.starts_with(attempt).request

    @cached_property
    def _ask(self) -> np.ndarray:
        """Of each attempt, whether it starts with a call that somebody has to answer."""
        return ~np.repeat(self.seeds.are_recorded, np.diff(self.starts))

    def _starts(self, questions: range, behind: int = 0) -> "array[int]":
        return self.starts[questions.start + behind : questions.stop + behind]

    def _attempt(self, span: ShardRange, seed: Seed, index: int, attempt_id: str, call_id: str) -> Attempt:
        return Attempt(
            attempt_id=attempt_id,
            plan_id=self.plan_id,
            shard_id=span.shard_id,
            question_id=seed.question.question_id,
            sample_index=index,
            call_id=call_id,
            prompt_version=None if seed.recorded else self.prompt_version,
        )

    @property
    def shards(self) -> Iterator[Shard]:
        """All of them, one after the other."""
        return (self.opened(span).shard for span in self.spans)

    @property
    def attempts(self) -> Iterator[Attempt]:
        """All of them, one after the other."""
        return (attempt for shard in self.shards for attempt in shard.attempts)

    def __len__(self) -> int:
        return len(self.attempt_ids)

    def is_draft(self, request: Request) -> bool:
        """Return whether somebody else than the teacher answers it."""
        return self.drafting is not None and self.drafting.wrote(request)

    @property
    def judge_identity(self) -> str:
        """That of the model that judges; empty without one."""
        return self.judge.identity if self.judge else ""

    def asks_judge(self, question: Question) -> bool:
        """Return whether only a model can judge answers to it, and there is one."""
        return self.judge is not None and VERIFIERS[question.kind].asks_model


FindPlanned = Callable[[PackedKeys], Set[str]]
"""Those of these call_ids with which an attempt starts that was planned before."""


def make_plan(
    configuration: RunConfiguration,
    seeds: Sequence[Seed],
    endpoint: str,
    fresh: str = "",
    planned: FindPlanned | None = None,
    drafting: Drafting | None = None,
) -> Plan:
    """Return the plan for `seeds`. Equal configurations and questions give equal plans, whatever the run's limits.

    `endpoint` is the identity of the teacher, not its address; `fresh` the name given to `--fresh`. Once all questions
    had the same seeds, one for each sample: what was `planned` so keeps them, and is not bought again; None where
    nothing was planned.
    """
    seeds = in_file(seeds)
    strategy = strategy_of(configuration.teacher, drafting)
    if not (configuration.asks or strategy.reads_recorded):
        strategy = strategy_of(TeacherSettings())
    read = (strategy.teacher.strategy, strategy.version) if strategy.reads_recorded else ()
    how = key_of(strategy)
    asks = configuration.asks and not seeds.are_recorded.all()
    first = FirstRequests(strategy, endpoint, configuration.run.seed, fresh, frozenset()) if asks else None
    if first and planned:
        texts = (seed.question.text for seed in seeds if not seed.recorded)
        by_sample = PackedKeys(chain.from_iterable(map(first.keys_by_sample, texts)))
        first = replace(first, seeded_by_sample=planned(by_sample))
    attempt_ids, call_ids, starts = PackedKeys(), PackedKeys(), array("i", [0])
    for seed in seeds:
        asked = first.keys(seed.question.text) if first and not seed.recorded else ()
        firsts = _recorded_keys(seed) if seed.recorded else asked
        for index, call_id in enumerate(firsts):
            goes_on = read if seed.recorded else how
            attempt_ids.add(content_key("attempt", seed.question.question_id, index, call_id, *goes_on))
            call_ids.add(call_id)
        starts.append(len(attempt_ids))
    return Plan(
        content_key_of_many("plan", attempt_ids.sorted().chunks()),
        seeds,
        attempt_ids,
        call_ids,
        starts,
        tuple(_spans(attempt_ids, starts, configuration.run.shard_size)),
        strategy.prompt_version,
        first,
        strategy.teacher,
        drafting,
    )


def _spans(attempt_ids: PackedKeys, starts: "array[int]", size: int) -> Iterator[ShardRange]:
    """Whole questions, in order, until a shard holds at least `size` attempts."""
    first, last = 0, len(starts) - 1
    for end in range(1, len(starts)):
        n = starts[end] - starts[first]
        if n >= size or (n and end == last):
            keys = attempt_ids.texts(starts[first], starts[end])
            yield ShardRange(content_key("shard", keys), range(starts[first], starts[end]), range(first, end))
            first = end


def _recorded_keys(seed: Seed) -> Iterator[str]:
    """Somebody's paid answers as calls of their own: keyed by the question, the column and the text.

    Equal texts in one column are counted, so that a repeated row stays a sample of its own, and a row that moves within
    its file keeps its key.
    """
    seen: dict[tuple[str, ...], int] = {}
    for answer in seed.recorded:
        said = (answer.text, *([answer.reasoning] if answer.reasoning else []))
        copy = seen[answer.column, *said] = seen.get((answer.column, *said), -1) + 1
        yield content_key("recorded", seed.question.question_id, answer.column, *said, copy)


def _recorded_calls(seed: Seed, call_ids: Sequence[str]) -> Iterator[Call]:
    """Thinking that the text marks in another way than the grammar's is the call's reasoning."""
    for index, (call_id, answer) in enumerate(zip(call_ids, seed.recorded, strict=False)):
        reasoning, content = (None, answer.text) if answer.reasoning else apart(answer.text) or (None, answer.text)
        system = [Message(role="system", content=answer.system)] if answer.system else []
        yield Call(
            call_id=call_id,
            endpoint="recorded",
            model_asked=answer.column,
            model_answered=None,
            messages=(*system, Message(role="user", content=seed.question.text)),
            sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
            sample_index=index,
            fresh="",
            ended=CallEnd.ANSWERED,
            error=None,
            raw_response=answer.text.encode(),
            content=content,
            reasoning=answer.reasoning or reasoning,
            finish_reason=None,
            usage=Usage(),
            cost_usd=0.0,
            latency_s=0.0,
            tries=0,
        )

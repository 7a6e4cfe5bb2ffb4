"""The plan: every attempt that a configuration asks for, resolved before a token is bought. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from schemas.attempt import Attempt, Shard
from schemas.call import Call, CallEnd, Message, Request, Sampling, Usage
from schemas.configuration import RunConfiguration, TeacherSettings
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.record import content_key
from tasks.asking.sampling import with_question_seed
from tasks.judging.llm_judge import LLMJudge
from tasks.judging.verifiers import VERIFIERS
from tasks.parsing.thinking import apart
from tasks.questions import Recorded, Seed
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.strategy import Answer, Drafting, Strategy, key_of, request_of, strategy_of


@dataclass(frozen=True)
class Plan:
    """Attempts in shards, with what each starts with: a request to send, or a recorded call."""

    plan_id: str
    shards: tuple[Shard, ...]
    questions: dict[str, Question]
    requests: dict[str, Request]
    recorded: dict[str, Call]
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
        return strategy_of(self.teacher, self.drafting).goes_on

    def rollouts(self, attempts: Iterable[Attempt]) -> dict[str, Procedure[Answer | FailureReason]]:
        """How each attempt is made, by attempt_id."""
        strategy = strategy_of(self.teacher, self.drafting)
        return {a.attempt_id: strategy.rollout(self._first(a.call_id), self.questions[a.question_id]) for a in attempts}

    def _first(self, call_id: str) -> AskModel:
        recorded = self.recorded.get(call_id)
        return AskModel(request_of(recorded) if recorded else self.requests[call_id], call_id)

    def is_draft(self, request: Request) -> bool:
        """Whether somebody else than the teacher answers it."""
        return self.drafting is not None and self.drafting.wrote(request)

    @property
    def judge_identity(self) -> str:
        """That of the model that judges; empty without one."""
        return self.judge.identity if self.judge else ""

    def asks_judge(self, question: Question) -> bool:
        """Whether only a model can judge answers to it, and there is one."""
        return self.judge is not None and VERIFIERS[question.kind].asks_model

    @property
    def attempts(self) -> Iterator[Attempt]:
        return (attempt for shard in self.shards for attempt in shard.attempts)

    def __len__(self) -> int:
        return sum(len(shard.attempts) for shard in self.shards)


@dataclass(frozen=True)
class _Start:
    """An attempt before its plan has a name."""

    attempt_id: str
    question_id: str
    sample_index: int
    call_id: str
    prompt_version: str | None


FindPlanned = Callable[[Collection[str]], Set[str]]
"""Those of these call_ids with which an attempt starts that was planned before."""


def make_plan(
    configuration: RunConfiguration,
    seeds: Sequence[Seed],
    endpoint: str,
    fresh: str = "",
    planned: FindPlanned = lambda call_ids: frozenset(),
    drafting: Drafting | None = None,
) -> Plan:
    """The plan for `seeds`. Equal configurations and questions give equal plans, whatever the run's limits.

    `endpoint` is the identity of the teacher, not its address; `fresh` the name given to `--fresh`. Once all questions
    had the same seeds, one for each sample: what was `planned` so keeps them, and is not bought again.
    """
    requests: dict[str, Request] = {}
    recorded: dict[str, Call] = {}
    by_question: list[list[_Start]] = []
    strategy = strategy_of(configuration.teacher, drafting)
    if not (configuration.asks or strategy.reads_recorded):
        strategy = strategy_of(TeacherSettings())
    read = (strategy.teacher.strategy, strategy.version) if strategy.reads_recorded else ()
    version, how = strategy.prompt_version, key_of(strategy)
    asked = _first_requests(strategy, seeds if configuration.asks else (), endpoint, configuration.run.seed, fresh)
    keyed = _seeded(asked, configuration.run.seed, planned)
    for seed in seeds:
        if seed.recorded:
            calls = list(_recorded_calls(seed.question, seed.recorded))
            recorded |= {call.call_id: call for call in calls}
            by_question.append([_start(seed.question, call.sample_index, call.call_id, None, read) for call in calls])
        elif configuration.asks:
            firsts = keyed[seed.question.text]
            requests |= firsts
            by_question.append([_start(seed.question, r.sample_index, key, version, how) for key, r in firsts.items()])
    plan_id = content_key("plan", sorted(start.attempt_id for starts in by_question for start in starts))
    shards = tuple(_shard(plan_id, group) for group in _pack(by_question, configuration.run.shard_size))
    questions = {seed.question.question_id: seed.question for seed in seeds}
    return Plan(plan_id, shards, questions, requests, recorded, strategy.teacher, drafting)


def _first_requests(
    strategy: Strategy, seeds: Sequence[Seed], endpoint: str, seed: int, fresh: str
) -> dict[str, list[Request]]:
    """By the text of the question, the first request of each sample."""
    texts = dict.fromkeys(each.question.text for each in seeds if not each.recorded)
    samples = range(strategy.teacher.samples)
    return {text: [strategy.first_request(text, index, endpoint, seed, fresh) for index in samples] for text in texts}


def _seeded(asked: dict[str, list[Request]], seed: int, planned: FindPlanned) -> dict[str, dict[str, Request]]:
    """By text and call_id, each with a seed of its question, but for those that were planned without."""
    keyed = {text: {request.call_id: request for request in requests} for text, requests in asked.items()}
    before = planned([call_id for requests in keyed.values() for call_id in requests])
    return {text: dict(_with_seeds(requests, seed, text, before)) for text, requests in keyed.items()}


def _with_seeds(requests: dict[str, Request], seed: int, text: str, before: Set[str]) -> Iterator[tuple[str, Request]]:
    for call_id, request in requests.items():
        own = request if call_id in before else with_question_seed(request, seed, text)
        yield (call_id if own is request else own.call_id), own


def _start(question: Question, sample_index: int, call_id: str, version: str | None, how: tuple[str, ...]) -> _Start:
    attempt_id = content_key("attempt", question.question_id, sample_index, call_id, *how)
    return _Start(attempt_id, question.question_id, sample_index, call_id, version)


def _pack(by_question: Iterable[list[_Start]], size: int) -> Iterator[list[_Start]]:
    """Whole questions, in order, until a group holds at least `size` attempts."""
    group: list[_Start] = []
    for starts in by_question:
        group += starts
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group


def _shard(plan_id: str, starts: Sequence[_Start]) -> Shard:
    shard_id = content_key("shard", [start.attempt_id for start in starts])
    attempts = (
        Attempt(
            attempt_id=start.attempt_id,
            plan_id=plan_id,
            shard_id=shard_id,
            question_id=start.question_id,
            sample_index=start.sample_index,
            call_id=start.call_id,
            prompt_version=start.prompt_version,
        )
        for start in starts
    )
    return Shard(shard_id=shard_id, attempts=tuple(attempts))


def _recorded_calls(question: Question, recorded: Sequence[Recorded]) -> Iterator[Call]:
    """Somebody's paid answers as calls of their own: keyed by the question, the column and the text.

    Thinking that the text marks in another way than the grammar's is the call's reasoning. Equal texts in one column
    are counted, so that a repeated row stays a sample of its own, and a row that moves within its file keeps its key.
    """
    seen: dict[tuple[str, ...], int] = {}
    for index, answer in enumerate(recorded):
        said = (answer.text, *([answer.reasoning] if answer.reasoning else []))
        copy = seen[answer.column, *said] = seen.get((answer.column, *said), -1) + 1
        reasoning, content = (None, answer.text) if answer.reasoning else apart(answer.text) or (None, answer.text)
        system = [Message(role="system", content=answer.system)] if answer.system else []
        yield Call(
            call_id=content_key("recorded", question.question_id, answer.column, *said, copy),
            endpoint="recorded",
            model_asked=answer.column,
            model_answered=None,
            messages=(*system, Message(role="user", content=question.text)),
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

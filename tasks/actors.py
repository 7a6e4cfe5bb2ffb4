"""Plain classes as Ray actors: the module that knows them as such."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from schemas import configuration
from schemas.budget import Cap
from schemas.call import Outcome, Request
from schemas.configuration import LineConfiguration, StudentBackend
from schemas.errors import ReflectoryError, Refused, Stopped
from schemas.score import Score
from schemas.until import Until
from schemas.verdict import Verdict
from tasks.actor_pool import ActorPool, Seat, alive_nodes
from tasks.asking.aimd import Permit
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.first_answers import warn
from tasks.asking.rate_limiter import Controller, Observations, RateLimiter, SharedController
from tasks.asking.state import TeacherState
from tasks.halt import NOT_SENT, Halt
from tasks.installed_code import code_digest
from tasks.judging.verify import Verifier
from tasks.recycling.verification import verify_pairs
from tasks.replay.procedure import Verify
from tasks.scoring.score import ScoredText
from tasks.scoring.student_actor import StudentActor
from tasks.secret import from_a_block
from tasks.shards import Tick
from tasks.synthesis.pipeline import TakeScores, TracesAndQuestions
from tasks.tracing.draft_verdict import verify_drafts
from tasks.watcher import Watcher

T = TypeVar("T")
J = TypeVar("J")

_FIRST_ANSWERS, _ANSWERS = 16, 128
"""Calls per actor call: few at first, whose outcomes say early what is wrong."""
_VERDICTS, _SCORES, _SCORES_IN_BATCHES = 64, 16, 256
"""Jobs per actor call: few enough for progress to be seen, enough for Ray's 1 ms to be lost in them, and for a GPU or a
server enough to sort by length."""
_SCORED_IN_S = 2.0
"""What a call to a student on a CPU takes, about, where scoring is slow."""
_IN_FLIGHT = 2
"""Calls to an actor that are sent and not back: one that it works at, one that waits there."""
_POLL_S = 0.5
_LOOK_S = 1.0
"""Between two looks at how far the teachers are."""
_CONTROL = "control"
"""What must not wait behind a teacher's calls."""
_RESTARTS: dict[str, Any] = {"max_restarts": 3, "max_task_retries": 3}
"""Of what asks: it looks in the journal before it sends."""


Drafter = tuple[configuration.DrafterSettings, TeacherAddress]
"""Who writes drafts, and where; of weights of one's own the address is of no account."""


class WorkerStalled(ReflectoryError):
    """No batch came back within the watchdog's time."""


class RayWorkers:
    """The actors of one run. Each lives until the run ends, so that models load once. Made inside `ray_session`."""

    def __init__(
        self,
        run: LineConfiguration,
        teacher: TeacherAddress | None,
        until: Until,
        journal: Path,
        halt: Halt,
        cap: Cap | None = None,
        judge: TeacherAddress | None = None,
        verifies: bool = True,
        heard: Callable[[Sequence[Outcome]], None] = lambda outcomes: None,
        watcher: Watcher | None = None,
        drafter: Drafter | None = None,
    ) -> None:
        """No actor is started for a stage after `until`, nor to ask without an address, nor a verifier unless the run
        `verifies`, which one with a `drafter` does at once. `halt` ends every wait: at once, or once its grace is over
        where paid answers are waited for. `heard` is told of the teacher's outcomes as they come, the `watcher` how far
        the teachers are.
        """
        self._halt, self._heard = halt, heard
        self._drained = False
        self._draining = Lock()
        self._watchdog_s = run.run.watchdog_s
        settings = run.teacher
        self._batches = _Batches(run, teacher, journal, cap) if teacher and settings.batch else None
        self._controller = _controller(settings) if teacher and not settings.batch else None
        self._teachers = (
            _teachers(settings, teacher, journal, cap, self._controller) if teacher and self._controller else []
        )
        self._asking = _Asking(self._teachers, self._watchdog_s, watcher or Watcher())
        self._judges: list[Any] = []
        if judge and run.judge:
            self._judge_controller = _controller(run.judge)
            self._judges = _teachers(run.judge, judge, journal, cap, self._judge_controller)
        self._judging = _Asking(self._judges, self._watchdog_s, Watcher())
        self._drafters: list[Any] = []
        if drafter:
            self._draft_controller = _controller(drafter[0])
            self._drafters = _drafters(drafter, run.student, journal, cap, self._draft_controller)
        self._drafting = _Asking(self._drafters, self._watchdog_s, Watcher())
        verifies &= until is not Until.GENERATE or drafter is not None
        self._verifiers = _verifiers(run.verifier, verifies)
        self._students = _students(run.student, until is Until.SCORE)
        batches = run.student.num_gpus or run.student.backend is StudentBackend.VLLM
        self._scores = _SCORES_IN_BATCHES if batches else _SCORES

    def check(self) -> None:
        """Return once every actor has started and has done what it is there for. Raises `Refused` where one cannot."""
        here = code_digest()
        actors = [(name, actor) for name, of in self._actors() for actor in of]
        code = {actor.__ray_call__.remote(_code_digest): name for name, actor in actors}
        waiting = code | {actor.check.remote(): name for name, actor in actors}
        until = monotonic() + self._watchdog_s
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1, timeout=_POLL_S)
            if self._halt.is_set():
                raise Stopped("stopped while the actors started")
            for ref in done:
                found = _started(ref, name := waiting.pop(ref))
                if ref in code and found != here:
                    raise Refused(
                        f"{name}: a worker has other code ({found}) than this run ({here}); install the same there, or"
                        " set run.ship_code"
                    )
            if not done and monotonic() > until:
                raise Refused(
                    f"{', '.join(sorted(set(waiting.values())))}: no actor after {self._watchdog_s:.0f} s; Ray has"
                    f" {_left()} left for it. Give it less, or a larger cluster; raise run.watchdog_s where it loads"
                    " for longer"
                )

    def _actors(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Of each section of the configuration."""
        yield "teacher", [*self._teachers, *([self._batches.actor] if self._batches else [])]
        yield "judge", self._judges
        yield "drafter", self._drafters
        yield "verifier", [seat.actor for seat in self._verifiers.seats]
        yield "student", [seat.actor for seat in self._students.seats]

    def expect(self, requests: list[Request]) -> None:
        """Say beforehand what `answer` will be asked for: batches are made of it."""
        if self._batches:
            self._batches.expect(requests)

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
        """Equal calls go to the same actor, which sends them once."""
        if batches := self._batches:
            sent = [(batches.actor.answer.remote(requests), len(requests))]
            return self._gather(sent, batches.told.counted(tick), lambda: batches.watch(tick), heard=self._heard)
        return self._ask(self._asking, requests, tick, self._heard)

    def rule(self, requests: list[Request]) -> list[Outcome]:
        return self._ask(self._judging, requests, lambda rows: None, lambda outcomes: None)

    def draft(self, requests: list[Request]) -> list[Outcome]:
        return self._ask(self._drafting, requests, lambda rows: None, lambda outcomes: None)

    def _ask(
        self,
        asking: "_Asking",
        requests: Sequence[Request],
        tick: Tick,
        heard: Callable[[Sequence[Outcome]], None],
    ) -> list[Outcome]:
        """Once the run is halted, only what is in flight is answered."""
        if self._halt.is_set():
            return [Outcome(call_id=request.call_id, call=None, pending=NOT_SENT) for request in requests]
        shares: list[list[Request]] = [[] for _ in asking.actors]
        for request in requests:
            shares[int(request.call_id[:8], 16) % len(shares)].append(request)
        sent = [
            (actor.answer.remote(chunk), len(chunk))
            for actor, share in zip(asking.actors, shares, strict=True)
            for chunk in (share[:_FIRST_ANSWERS], *_chunks(share[_FIRST_ANSWERS:], _ANSWERS))
            if chunk
        ]
        asking.told.expect(len(requests))
        watch = partial(asking.watch, tick)
        return self._gather(sent, asking.told.counted(tick), watch, heard=heard, paid=True)

    def _drain(self) -> None:
        """Have the teachers send nothing more. Once."""
        with self._draining:
            if not self._drained:
                self._drained = True
                for actor in (*self._teachers, *self._judges, *self._drafters):
                    actor.drain.options(concurrency_group=_CONTROL).remote()

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]:
        return self._spread(self._verifiers, "verify_traces", _Pieces(jobs, _VERDICTS), tick)

    def score(self, jobs: TracesAndQuestions, tick: Tick, take: TakeScores) -> int:
        pieces = self._scored_together(jobs, lambda job: job[1].question_id)
        return len(self._spread(self._students, "score_traces", pieces, tick, take))

    def score_texts(
        self, subjects: list[ScoredText], tick: Tick, take: TakeScores = lambda scores: None
    ) -> list[Score]:
        pieces = self._scored_together(subjects, lambda subject: (subject.instruction, subject.input))
        return self._spread(self._students, "score_texts", pieces, tick, take)

    def verify_drafts(self, needs: list[Verify]) -> list[Verdict]:
        return self._spread(self._verifiers, verify_drafts, _Pieces(needs, _VERDICTS), lambda rows: None)

    def verify_pairs(self, needs: list[Verify], tick: Tick) -> list[Verdict]:
        return self._spread(self._verifiers, verify_pairs, _Pieces(needs, _VERDICTS), tick)

    def _scored_together(self, jobs: Sequence[J], prompt: Callable[[J], Any]) -> "_Pieces":
        """On a CPU neighbours change no score: what shares a prompt goes together, and what is slow in small pieces."""
        if self._scores == _SCORES_IN_BATCHES:
            return _Pieces(jobs, self._scores)
        return _Pieces(jobs, self._scores, prompt, _SCORED_IN_S)

    def _spread(
        self,
        pool: ActorPool,
        work: str | Callable[..., Any],
        pieces: "_Pieces",
        tick: Tick,
        heard: Callable[[Sequence[Any]], None] = lambda rows: None,
    ) -> list[Any]:
        """`work`: a method of the actors, or a function of the object that lives there. At most `_IN_FLIGHT` pieces are
        at an actor; the next one goes to where one has come back from. What an actor had that is lost, another gets.
        """
        at: dict[Any, tuple[Seat, Any, list[Any], float]] = {}

        def begin(seat: Seat, piece: list[Any]) -> Any:
            ref = _begin(actor := seat.actor, work, piece)
            at[ref] = seat, actor, piece, monotonic()
            return ref

        def send(seat: Seat) -> list[tuple[Any, int]]:
            piece = pieces.take()
            return [(begin(seat, piece), len(piece))] if piece else []

        def after(ref: Any) -> list[tuple[Any, int]]:
            seat, _, piece, sent_at = at.pop(ref)
            pieces.took((monotonic() - sent_at) / len(piece))
            return send(seat)

        def again(ref: Any) -> Any:
            seat, actor, piece, _ = at.pop(ref)
            other = pool.replace(seat, actor)
            return begin(other, piece) if other else None

        first = [sent for _ in range(_IN_FLIGHT) for seat in pool.seats for sent in send(seat)]
        return self._gather(first, tick, after=after, again=again, heard=heard)

    def _gather(
        self,
        sent: list[tuple[Any, int]],
        tick: Tick,
        watch: Callable[[], None] | None = None,
        after: Callable[[Any], list[tuple[Any, int]]] = lambda ref: [],
        again: Callable[[Any], Any] = lambda ref: None,
        heard: Callable[[Sequence[Any]], None] = lambda rows: None,
        paid: bool = False,
    ) -> list[Any]:
        """The rows of every chunk, in the order sent. `watch` looks whether the actors live, where a chunk may take any
        time; `after` sends more when one has come; `again` sends one whose actor is lost to another, or returns None;
        `heard` is told its rows. What is `paid` for lands, within the grace of a halt.
        """
        chunks = dict(enumerate(sent))
        at = {ref: n for n, (ref, _) in chunks.items()}
        rows: dict[int, list[Any]] = {}
        last = monotonic()
        while at:
            done, _ = ray.wait(list(at), num_returns=1, timeout=_POLL_S)
            if self._halt.is_set():
                if not paid or self._halt.over:
                    raise Stopped("stopped while waiting for an actor")
                self._drain()
            if watch:
                watch()
            elif done:
                last = monotonic()
            elif not alive_nodes():
                raise WorkerStalled(
                    "no node of Ray's is left: its processes here were killed; the same command continues"
                )
            elif monotonic() - last > self._watchdog_s:
                raise WorkerStalled(
                    f"no answer from an actor for {self._watchdog_s:.0f} s; raise run.watchdog_s if a batch may take"
                    " longer"
                )
            for ref in done:
                n = at.pop(ref)
                try:
                    rows[n] = _get(ref)
                except RayActorError:
                    if (other := again(ref)) is None:
                        raise
                    at[other] = n
                    continue
                heard(rows[n])
                tick(chunks[n][1])
                for chunk in after(ref):
                    at[chunk[0]] = len(chunks)
                    chunks[len(chunks)] = chunk
        return [row for n in sorted(rows) for row in rows[n]]


class _Pieces:
    """Jobs by pieces of at most so many: the next one as soon as somebody is free for it."""

    def __init__(
        self, jobs: Sequence[Any], most: int, group: Callable[[Any], Any] | None = None, seconds: float = 0.0
    ) -> None:
        """`group`: what neighbours have in common that stay together, where that is not too many; `seconds`: what a
        piece may take, where jobs are slow.
        """
        self._jobs, self._most, self._group, self._seconds = jobs, most, group, seconds
        self._size = 1 if seconds else most
        self._begin = 0

    def take(self) -> list[Any]:
        """Return the next piece; nothing once all are taken."""
        begin, jobs = self._begin, self._jobs
        end = min(begin + self._size, len(jobs))
        if self._group and begin < len(jobs):
            while end < min(begin + self._most, len(jobs)) and self._group(jobs[end]) == self._group(jobs[end - 1]):
                end += 1
        self._begin = end
        return list(jobs[begin:end])

    def took(self, seconds_a_job: float) -> None:
        """Say how long a job took."""
        if self._seconds:
            self._size = max(1, min(self._most, int(self._seconds / max(seconds_a_job, 1e-6))))


class _Told:
    """How many rows have been ticked: those that are back, or those that are known to be done before they are back."""

    def __init__(self) -> None:
        self._done = self._told = self._most = 0
        self._telling = Lock()

    def expect(self, rows: int) -> None:
        with self._telling:
            self._most += rows

    def counted(self, tick: Tick) -> Tick:
        """For rows that are back: ticks those that have not been told before."""

        def done(rows: int) -> None:
            with self._telling:
                self._done += rows
                self._tell(self._done, tick)

        return done

    def so_far(self, rows: int, tick: Tick) -> None:
        """So many are done in all."""
        with self._telling:
            self._tell(min(rows, self._most), tick)

    def _tell(self, rows: int, tick: Tick) -> None:
        if rows > self._told:
            tick(rows - self._told)
            self._told = rows


class _Asking:
    """Actors that ask one by one, and how far they are."""

    def __init__(self, actors: Sequence[Any], patience_s: float, watcher: Watcher) -> None:
        self.actors, self.told = actors, _Told()
        self._patience_s, self._watcher = patience_s, watcher
        self._looked_at = float("-inf")
        self._away: str | None = None
        self._looking = Lock()

    def watch(self, tick: Tick) -> None:
        """Tick what has been answered, once a second. Raises `WorkerStalled` when an actor says nothing."""
        with self._looking:
            if monotonic() - self._looked_at < _LOOK_S:
                return
            states = [actor.state.options(concurrency_group=_CONTROL).remote() for actor in self.actors]
            try:
                found: list[TeacherState] = ray.get(states, timeout=self._patience_s)
            except GetTimeoutError:
                raise WorkerStalled(f"an actor that asks has not answered for {self._patience_s:.0f} s") from None
            self._looked_at = monotonic()
        state = sum(found, TeacherState())
        self.told.so_far(state.done, tick)
        self._watcher.teacher(state)
        if state.away and not self._away:
            warn(f"waiting for the teacher, at most teacher.patience_s: {state.away}")
        self._away = state.away


class _Batches:
    """The actor that asks through batches, and how far they are: it answers when they end, and they take hours."""

    def __init__(self, run: LineConfiguration, address: TeacherAddress, journal: Path, cap: Cap | None) -> None:
        from tasks.asking.batch import BatchTeacher

        settings = run.teacher
        self.actor = ray.remote(BatchTeacher).options(**_here()).remote(settings, address, journal, cap)
        self._patience_s = run.run.watchdog_s + settings.timeout_s + settings.batch_poll_s
        self.told = _Told()

    def expect(self, requests: list[Request]) -> None:
        self.told.expect(len(requests))
        self.actor.expect.remote(requests)  # what goes wrong, `answer` is told as well

    def watch(self, tick: Tick) -> None:
        """Tick what the endpoint has completed. Raises `WorkerStalled` when it does nothing that it is asked."""
        try:
            state = ray.get(self.actor.state.remote(), timeout=self._patience_s)
        except GetTimeoutError:
            raise WorkerStalled(
                f"the actor that asks through batches has not moved for {self._patience_s:.0f} s"
            ) from None
        if monotonic() - state.heard_at > self._patience_s:
            raise WorkerStalled(
                f"the endpoint's batch API has not answered for {self._patience_s:.0f} s ({state.trouble})."
                " Batches that are under way go on there, and the same command collects them"
            )
        self.told.so_far(state.completed, tick)


def _teachers(
    settings: configuration.TeacherSettings,
    address: TeacherAddress,
    journal: Path,
    cap: Cap | None,
    controller: Controller,
    load: Callable[[], Callable[[bytes], bytes]] | None = None,
    num_gpus: float = 0,
) -> list[Any]:
    """On the driver's node, because the journal is a local file, and so that all have one clock. `load` gives what
    answers in the actor itself.
    """
    from tasks.asking.teacher import Teacher  # here and below: a run imports openai and torch only if it uses them

    parts = _parts(settings)
    actor = ray.remote(concurrency_groups={_CONTROL: 1})(Teacher).options(**_here(), num_gpus=num_gpus)
    tokens_per_s = settings.tokens_per_minute and settings.tokens_per_minute / 60 / parts
    return [
        actor.remote(settings, address, journal, RateLimiter(controller, who, tokens_per_s), cap, load=load)
        for who in range(parts)
    ]


def _drafters(
    drafter: Drafter, student: configuration.StudentSettings, journal: Path, cap: Cap | None, controller: Controller
) -> list[Any]:
    """Who asks a server for drafts, or writes them with the student's own weights."""
    settings, address = drafter
    if settings.base_url != configuration.OWN_WEIGHTS:
        return _teachers(settings, address, journal, cap, controller)
    from tasks.serving.complete import student_completions

    load = partial(student_completions, student)
    return _teachers(settings, address, journal, cap, controller, load, student.num_gpus)


def _controller(settings: configuration.TeacherSettings) -> Controller:
    """One for all teachers: with it where there is only one, else in an actor that lives as long as this object."""
    parts = _parts(settings)
    values = (settings.max_in_flight, settings.requests_per_minute, parts, settings.timeout_s)
    if parts == 1:
        return SharedController(*values)
    name = f"pace-{uuid.uuid4().hex}"
    return _RemoteController(name, ray.remote(SharedController).options(**_here(), name=name).remote(*values))


class _RemoteController:
    """A controller in an actor. Travels as its name: Ray warns of handles among what a restart would need."""

    def __init__(self, name: str, actor: Any = None) -> None:
        self._name, self._actor = name, actor

    def __reduce__(self) -> tuple[type["_RemoteController"], tuple[str]]:
        return _RemoteController, (self._name,)

    async def allow(self, who: int, observations: Observations) -> Permit:
        self._actor = self._actor or ray.get_actor(self._name)
        permit: Permit = await self._actor.allow.remote(who, observations)
        return permit


def _parts(settings: configuration.TeacherSettings) -> int:
    """None without a slot."""
    return min(settings.actors, settings.max_in_flight or settings.actors)


def _here() -> dict[str, Any]:
    node = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return {"num_cpus": 0, "scheduling_strategy": node, **_RESTARTS}


def _verifiers(settings: configuration.VerifierSettings, wanted: bool) -> ActorPool:
    actor = ray.remote(Verifier)
    return ActorPool(
        lambda options: actor.options(**options).remote(settings.math_timeout_s), settings.actors if wanted else 0
    )


def _students(settings: configuration.StudentSettings, wanted: bool) -> ActorPool:
    actor = ray.remote(StudentActor)
    key = from_a_block("student.api_key", settings.api_key) if wanted else None
    return ActorPool(
        lambda options: actor.options(**options).remote(settings, key),
        settings.actors if wanted else 0,
        settings.num_gpus,
    )


def _begin(actor: Any, work: str | Callable[..., Any], chunk: list[Any]) -> Any:
    return getattr(actor, work).remote(chunk) if isinstance(work, str) else actor.__ray_call__.remote(work, chunk)


def _chunks(jobs: Sequence[J], size: int) -> Iterator[list[J]]:
    for start in range(0, len(jobs), size):
        yield list(jobs[start : start + size])


def _code_digest(_: Any) -> str:
    """Of the code in the process of an actor."""
    return code_digest()


def _started(ref: Any, section: str) -> Any:
    """Returns what an actor answered. Raises `Refused` with what one said that could not start, or could not do what it
    is there for.
    """
    try:
        return ray.get(ref)
    except RayTaskError as error:
        if isinstance(error.cause, ReflectoryError):
            raise Refused(str(error.cause)) from None
        raise Refused(f"{section}: its actor failed before the first call: {_last_line(error)}") from error
    except RayError as error:
        raise Refused(f"{section}: its actor could not start: {_last_line(error)}") from error


def _last_line(error: Exception) -> str:
    """What Ray was told, without its pages: the exception that stands at the end of a traceback."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    said = lines[-1].strip() if lines else type(error).__name__
    hint = "; run.ship_code sends this package to a cluster's workers" if "No module named" in said else ""
    return said.removeprefix(f"{Refused.__module__}.Refused: ") + hint


def _left() -> str:
    """Of the cluster's CPUs and GPUs, for a person."""
    left = ray.available_resources()
    return f"{left.get('CPU', 0):g} CPUs and {left.get('GPU', 0):g} GPUs"


def _get(ref: Any) -> list[Any]:
    try:
        return list(ray.get(ref))
    except RayTaskError as error:
        if isinstance(error.cause, ReflectoryError):
            raise error.cause from None
        raise

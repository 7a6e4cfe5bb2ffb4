"""The actors of one run: what each stage asks of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

import ray

from schemas.budget import Cap
from schemas.call import Outcome, Request
from schemas.configuration import LineConfiguration
from schemas.errors import Refused, Stopped
from schemas.score import Score
from schemas.student_backend import StudentBackend
from schemas.teacher import OWN_WEIGHTS
from schemas.until import Until
from schemas.verdict import Verdict
from tasks.actors.asking import AskingActors, BatchActor
from tasks.actors.spreading import Gatherer, Pieces
from tasks.actors.starting import (
    CONTROL,
    Drafter,
    Room,
    left,
    start_controller,
    start_drafters,
    start_students,
    start_teachers,
    start_verifiers,
    started,
    too_little,
)
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.first_answers import warn
from tasks.halt import NOT_SENT, Halt
from tasks.installed_code import code_digest, code_digest_there
from tasks.recycling.verification import verify_pairs
from tasks.replay.procedure import Verify
from tasks.scoring.score import ScoredText
from tasks.shards import Tick, silent
from tasks.synthesis.pipeline import TakeScores, TracesAndQuestions
from tasks.tracing.draft_verdict import verify_drafts
from tasks.watcher import Watcher

J = TypeVar("J")

_FIRST_ANSWERS, _ANSWERS = 16, 128
"""Calls per actor call: few at first, whose outcomes say early what is wrong."""
_VERDICTS, _SCORES, _SCORES_IN_BATCHES = 64, 16, 256
"""Jobs per actor call: few enough for progress to be seen, enough for Ray's 1 ms to be lost in them, and for a GPU or a
server enough to sort by length."""
_SCORED_IN_S = 2.0
"""What a call to a student on a CPU takes, about, where scoring is slow."""
_POLL_S = 0.5
_ROOM_S = 10.0
"""After so long without an actor it is said that there is no room for it."""


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
        self._halt, self._heard, self._free = halt, heard, left()
        self._drained = False
        self._draining = Lock()
        self._watchdog_s = run.run.watchdog_s
        self._gatherer = Gatherer(halt, self._watchdog_s, self._drain)
        settings = run.teacher
        self._batches = BatchActor(run, teacher, journal, cap) if teacher and settings.batch else None
        self._controller = start_controller(settings) if teacher and not settings.batch else None
        self._teachers = (
            start_teachers(settings, teacher, journal, cap, self._controller) if teacher and self._controller else []
        )
        self._asking = AskingActors(self._teachers, self._watchdog_s, watcher or Watcher())
        self._judges: list[Any] = []
        if judge and run.judge:
            self._judge_controller = start_controller(run.judge)
            self._judges = start_teachers(run.judge, judge, journal, cap, self._judge_controller)
        self._judging = AskingActors(self._judges, self._watchdog_s, Watcher())
        self._drafters: list[Any] = []
        if drafter:
            self._draft_controller = start_controller(drafter[0])
            self._drafters = start_drafters(drafter, run.student, journal, cap, self._draft_controller)
        self._drafting = AskingActors(self._drafters, self._watchdog_s, Watcher())
        verifies &= until is not Until.GENERATE or drafter is not None
        self._verifiers = start_verifiers(run.verifier, verifies)
        self._students = start_students(run.student, until is Until.SCORE)
        batches = run.student.num_gpus or run.student.backend is StudentBackend.VLLM
        self._scores = _SCORES_IN_BATCHES if batches else _SCORES
        drafting = len(self._drafters) if drafter and drafter[0].base_url == OWN_WEIGHTS else 0
        students = len(self._students.seats)
        self._asked = Room(len(self._verifiers.seats) + students, (students + drafting) * run.student.num_gpus)

    def check(self) -> None:
        """Return once every actor has started and has done what it is there for. Raises `Refused` where one cannot."""
        here = code_digest()
        actors = [(name, actor) for name, of in self._actors() for actor in of]
        code = {actor.__ray_call__.remote(code_digest_there): name for name, actor in actors}
        waiting = code | {actor.check.remote(): name for name, actor in actors}
        began, lacking = monotonic(), too_little(self._asked, self._free)
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1, timeout=_POLL_S)
            if self._halt.is_set():
                raise Stopped("stopped while the actors started")
            for ref in done:
                found = started(ref, name := waiting.pop(ref))
                if ref in code and found != here:
                    raise Refused(
                        f"{name}: a worker has other code ({found}) than this run ({here}); install the same there, or"
                        " set run.ship_code; where `reflectory up` has kept Ray since before the code"
                        " changed, end it and begin it again"
                    )
            if lacking and not done and monotonic() > began + _ROOM_S:
                warn(f"{_names(waiting)}: {lacking}")
                lacking = None
            if not done and monotonic() > began + self._watchdog_s:
                raise Refused(
                    f"{_names(waiting)}: no actor after {self._watchdog_s:.0f} s; Ray has"
                    f" {left()} left for it. Give it less, or a larger cluster; raise run.watchdog_s where it loads"
                    " for longer"
                )

    def _actors(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Of each section of the configuration."""
        yield "teacher", [*self._teachers, *([self._batches.actor] if self._batches else [])]
        yield "judge", self._judges
        yield "drafter", self._drafters
        yield "verifier", [seat.actor for seat in self._verifiers.seats]
        yield "student", [seat.actor for seat in self._students.seats]

    def expect(self, missing: Callable[[], Iterable[Request]]) -> None:
        """Hear beforehand what `answer` will be asked for: batches are made of it."""
        if self._batches:
            self._batches.expect(list(missing()))

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
        """Have requests answered. Equal calls go to the same actor, which sends them once."""
        if batches := self._batches:
            sent = [(batches.actor.answer.remote(requests), len(requests))]
            watch = partial(batches.watch, tick)
            heard = _counting(batches.ticked.counted(tick), self._heard)
            return self._gatherer.gather(sent, silent, watch, heard=heard)
        return self._ask(self._asking, requests, tick, self._heard)

    def rule(self, requests: list[Request]) -> list[Outcome]:
        return self._ask(self._judging, requests, silent, lambda outcomes: None)

    def is_hungry(self) -> bool:
        """Return whether the teachers could be given more: all that they have is in flight."""
        return self._asking.is_hungry()

    def draft(self, requests: list[Request]) -> list[Outcome]:
        return self._ask(self._drafting, requests, silent, lambda outcomes: None)

    def _ask(
        self,
        asking: AskingActors,
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
        asking.ticked.expect(len(requests))
        watch = partial(asking.watch, tick)
        heard = _counting(asking.ticked.counted(tick), heard)
        outcomes = self._gatherer.gather(sent, silent, watch, heard=heard, paid=True)
        asking.look_again(tick)
        return outcomes

    def _drain(self) -> None:
        """Have the teachers send nothing more. Once."""
        with self._draining:
            if not self._drained:
                self._drained = True
                warn(self._halt.advice)
                for actor in (*self._teachers, *self._judges, *self._drafters):
                    actor.drain.options(concurrency_group=CONTROL).remote()

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]:
        return self._gatherer.spread(self._verifiers, "verify_traces", Pieces(jobs, _VERDICTS), tick)

    def score(self, jobs: TracesAndQuestions, tick: Tick, take: TakeScores) -> int:
        pieces = self._scored_together(jobs, lambda job: job[1].question_id)
        return len(self._gatherer.spread(self._students, "score_traces", pieces, tick, take))

    def score_texts(
        self, subjects: list[ScoredText], tick: Tick, take: TakeScores = lambda scores: None
    ) -> list[Score]:
        pieces = self._scored_together(subjects, lambda subject: (subject.instruction, subject.input))
        return self._gatherer.spread(self._students, "score_texts", pieces, tick, take)

    def verify_drafts(self, needs: list[Verify]) -> list[Verdict]:
        return self._gatherer.spread(self._verifiers, verify_drafts, Pieces(needs, _VERDICTS), lambda rows: None)

    def verify_pairs(self, needs: list[Verify], tick: Tick) -> list[Verdict]:
        return self._gatherer.spread(self._verifiers, verify_pairs, Pieces(needs, _VERDICTS), tick)

    def _scored_together(self, jobs: Sequence[J], prompt: Callable[[J], Any]) -> Pieces:
        """On a CPU neighbours change no score: what shares a prompt goes together, and what is slow in small pieces."""
        if self._scores == _SCORES_IN_BATCHES:
            return Pieces(jobs, self._scores)
        return Pieces(jobs, self._scores, prompt, _SCORED_IN_S)


def _names(waiting: Mapping[Any, str]) -> str:
    return ", ".join(sorted(set(waiting.values())))


def _counting(tick: Tick, heard: Callable[[Sequence[Outcome]], None]) -> Callable[[Sequence[Outcome]], None]:
    """Tells how many requests have ended, beside who hears the outcomes: a pending one may never have been sent."""

    def hear(outcomes: Sequence[Outcome]) -> None:
        heard(outcomes)
        tick(sum(outcome.call is not None for outcome in outcomes))

    return hear


def _chunks(jobs: Sequence[J], size: int) -> Iterator[list[J]]:
    for start in range(0, len(jobs), size):
        yield list(jobs[start : start + size])

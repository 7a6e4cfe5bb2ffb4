"""Several teachers on Ray: one pace and one budget for all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.budget import Cap, Charge
from schemas.call import OVER_BUDGET, Outcome, Request
from schemas.configuration import RunConfiguration
from schemas.until import Until
from tasks.actors import RayWorkers
from tasks.actors.asking import Ticked
from tasks.actors.spreading import Pieces
from tasks.asking.endpoint import TeacherAddress, tokens_of
from tasks.asking.state import TeacherState
from tasks.halt import Halt
from tasks.practice.process import PracticeTeacher
from tasks.ray_session import ray_session
from tasks.watcher import Watcher
from tests.integration.hostile import ask
from tests.integration.test_practice_bad_day import counters, faults_file
from warehouse.journal import Journal

REQUESTS = [ask(f"{n} + {n}?", model="practice") for n in range(240)]


class Seen(Watcher):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.states: list[TeacherState] = []

    def teacher(self, state: TeacherState) -> None:
        self.states.append(state)


def answers(
    server: PracticeTeacher,
    journal: Path,
    cap: Cap | None = None,
    watcher: Watcher | None = None,
    requests: list[Request] = REQUESTS,
    tick: Callable[[int], None] = lambda rows: None,
) -> list[Outcome]:
    teacher = {"base_url": server.base_url, "actors": 3, "max_in_flight": 10, "timeout_s": 30}
    run = RunConfiguration.model_validate({"questions": {"source": "reasoning_gym"}, "teacher": teacher})
    address = TeacherAddress(server.base_url)
    workers = RayWorkers(run, address, Until.GENERATE, journal, Halt(), cap, watcher=watcher)
    return workers.answer(requests, tick)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_three_teachers_share_a_pace_and_a_budget(tmp_path: Path) -> None:
    faults = faults_file(tmp_path, "requests_per_s = 100\nretry_after_s = 0.5")
    with ray_session(cpus=1, gpus=0):
        with PracticeTeacher(latency_s=0.05, faults=faults) as server:
            outcomes = answers(server, tmp_path / "paced" / "calls.sqlite")
            seen = counters(server)
        assert {outcome.call_id for outcome in outcomes} == {request.call_id for request in REQUESTS}
        assert all(outcome.call for outcome in outcomes)
        assert seen["in_flight_max"] <= 10
        assert seen["faults"].get("limit", 0) <= 60

        path, cap = tmp_path / "budget" / "calls.sqlite", Cap(plan_id="p", tokens=6_000)
        journal = Journal(path)
        journal.open_account("p", {})
        with PracticeTeacher() as server:
            outcomes = answers(server, path, cap)
        spent = sum(tokens_of(outcome.call.usage) or 0 for outcome in outcomes if outcome.call)
        assert {outcome.pending for outcome in outcomes} == {None, OVER_BUDGET}
        assert 3_000 < spent <= 6_000
        seen_by = Seen()
        ticks: list[int] = []
        one_by_one = faults_file(tmp_path, "answers_at_once = 1")
        with PracticeTeacher(latency_s=0.6, faults=one_by_one) as server:
            answers(server, tmp_path / "watched" / "calls.sqlite", None, seen_by, REQUESTS[:12], ticks.append)
        assert sum(ticks) == 12
        assert len(ticks) > 3, "more often than the three chunks come back"
        assert [state.done for state in seen_by.states] == sorted(state.done for state in seen_by.states)
        assert 0 < seen_by.states[1].done < 12
        assert seen_by.states[1].in_flight > 0
        assert (seen_by.states[-1].in_flight, seen_by.states[-1].done) == (0, 12), "not what the last second saw"
        charged = journal.open_account("p", dict.fromkeys([request.call_id for request in REQUESTS], Charge()))
        journal.close()
        assert charged.tokens == spent


def test_pieces_are_as_large_as_they_are_quick_and_neighbours_stay_together() -> None:
    jobs = [f"{prompt}{n}" for prompt in "abcd" for n in range(8)]
    pieces = Pieces(jobs, 16, group=lambda job: job[0], seconds=2.0)
    taken = [pieces.take()]
    assert taken[0] == jobs[:8], "all of a prompt, though one alone would do to begin with"
    pieces.took(0.2)
    taken.append(pieces.take())
    assert taken[1] == jobs[8:24]
    pieces.took(60.0)
    taken += [pieces.take(), pieces.take()]
    assert [job for piece in taken for job in piece] == jobs
    assert taken[-1] == []


def test_rows_are_told_once_however_they_are_heard_of() -> None:
    told = Ticked()
    ticks: list[int] = []
    told.expect(10)
    told.so_far(3, ticks.append)
    told.counted(ticks.append)(4)
    told.so_far(2, ticks.append)
    told.so_far(12, ticks.append)
    told.counted(ticks.append)(6)
    assert ticks == [3, 1, 6]

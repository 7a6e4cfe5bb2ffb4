"""Several teachers on Ray: one pace and one budget for all of them."""

from pathlib import Path

import pytest

from schemas.budget import Cap, Charge
from schemas.call import OVER_BUDGET, Outcome
from schemas.configuration import RunConfiguration
from schemas.until import Until
from tasks.actors import RayWorkers
from tasks.asking.endpoint import TeacherAddress, tokens_of
from tasks.halt import Halt
from tasks.practice.process import PracticeTeacher
from tasks.ray_session import ray_session
from tests.integration.hostile import ask
from tests.integration.test_practice_bad_day import counters, faults_file
from warehouse.journal import Journal

REQUESTS = [ask(f"{n} + {n}?", model="practice") for n in range(240)]


def answers(server: PracticeTeacher, journal: Path, cap: Cap | None = None) -> list[Outcome]:
    teacher = {"base_url": server.base_url, "actors": 3, "max_in_flight": 10, "timeout_s": 30}
    run = RunConfiguration.model_validate({"questions": {"source": "reasoning_gym"}, "teacher": teacher})
    workers = RayWorkers(run, TeacherAddress(server.base_url), Until.GENERATE, journal, Halt(), cap)
    return workers.answer(REQUESTS, lambda rows: None)


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
        charged = journal.open_account("p", dict.fromkeys([request.call_id for request in REQUESTS], Charge()))
        journal.close()
        assert charged.tokens == spent

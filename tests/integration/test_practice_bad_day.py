"""The practice teacher's bad day: drawn by seed, told by its counters, refused where the file is wrong."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemas.call import CallEnd, Outcome, Request, Sampling
from schemas.errors import Refused
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.endpoint import TeacherAddress, request_body
from tasks.asking.teacher import Teacher
from tasks.practice.bad_day import Faults, read_faults
from tasks.practice.process import PracticeTeacher
from tasks.practice.protocol import ask as read
from tests.integration.hostile import ask, limiter

SAMPLING = Sampling(temperature=0.7, top_p=None, max_tokens=64, seed=None)
QUESTIONS = [ask(f"{n} + {n}?", model="practice", sampling=SAMPLING) for n in range(300)]


def faults_file(folder: Path, text: str) -> Path:
    path = folder / "faults.toml"
    path.write_text(text)
    return path


def answers(server: PracticeTeacher, journal: Path, requests: list[Request]) -> list[Outcome]:
    async def run() -> list[Outcome]:
        settings = Settings(max_response_bytes=2**20, timeout_s=20)
        teacher = Teacher(settings, TeacherAddress(server.base_url), journal, limiter(32), backoff_s=0.01)
        try:
            return await teacher.answer(requests)
        finally:
            await teacher.close()

    return asyncio.run(run())


def counters(server: PracticeTeacher, of: str = "") -> dict[str, Any]:
    with urllib.request.urlopen(server.base_url.removesuffix("/v1") + "/counters" + of) as response:
        return dict(json.load(response))


def test_a_few_refused_prompts_hurt_nobody_else(tmp_path: Path) -> None:
    faults = faults_file(tmp_path, '[rates]\n"400" = 0.02')
    with PracticeTeacher(faults=faults) as server:
        outcomes = answers(server, tmp_path / "calls.sqlite", QUESTIONS)
        seen, by_key = counters(server), counters(server, "/keys")
    calls = [outcome.call for outcome in outcomes if outcome.call]
    refused = [call for call in calls if call.ended is CallEnd.REFUSED]
    assert len(calls) == 300
    assert 0 < len(refused) == seen["faults"]["400"] == seen["by_status"]["400"]
    assert {call.error for call in refused} == {"refused: HTTP 400: context length"}
    assert Counter(call.ended for call in calls)[CallEnd.ANSWERED] == 300 - len(refused)
    of_refused = {read(request_body(r)).key for r in QUESTIONS if r.call_id in {c.call_id for c in refused}}
    assert by_key == {
        read(request_body(r)).key: [1, int(read(request_body(r)).key not in of_refused)] for r in QUESTIONS
    }


def test_a_rate_that_the_server_bounds_is_found(tmp_path: Path) -> None:
    """200 calls at 100 a second, 100 of them at once: the known-bad one asks again at full speed."""
    faults = faults_file(tmp_path, "requests_per_s = 100\nretry_after_s = 0.5")
    with PracticeTeacher(faults=faults) as server:
        outcomes = answers(server, tmp_path / "calls.sqlite", QUESTIONS)
        seen = counters(server)
    assert all(outcome.call for outcome in outcomes)
    assert 1 <= seen["faults"]["limit"] <= 60
    assert seen["received"] == 300 + seen["faults"]["limit"]


def test_a_lasting_fault_meets_a_request_every_time() -> None:
    rates = {"400": 0.2}
    lasting, passing = Faults(rates=rates, lasting=True), Faults(rates=rates)
    turns = {key: [lasting.draw(key, n) for n in range(1, 9)] for key in map(str, range(100))}
    assert {len(set(drawn)) for drawn in turns.values()} == {1}
    assert 5 < sum(drawn == ["400"] * 8 for drawn in turns.values()) < 40
    assert any(passing.draw(key, 2) is None for key, drawn in turns.items() if drawn[0])  # the control


def test_faults_are_drawn_by_seed_key_and_turn() -> None:
    def drawn(faults: Faults) -> list[str | None]:
        return [faults.draw(f"{key}", n) for key in range(1000) for n in (1, 2)]

    rates = {"429": 0.2, "reset": 0.1}
    first = drawn(Faults(seed=1, rates=rates))
    assert first == drawn(Faults(seed=1, rates=rates))
    assert first != drawn(Faults(seed=2, rates=rates))
    assert 350 < first.count("429") < 450
    assert 150 < first.count("reset") < 250
    assert first[::2] != first[1::2], "a key that failed once may be answered the next time"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[rates]\n"428" = 0.1', "no such fault: 428; there are 429, "),
        ("[rates]\nreset = 0.7\nhtml = 0.4", "sum to 1.1"),
        ("[rates]\nreset = -0.1", "none may be negative"),
        ("seed = ", "not TOML"),
        ("speed = 1", "speed: unknown key; known are seed, rates, "),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_faults(faults_file(tmp_path, text))


def test_the_command_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tasks.practice", "--faults", str(tmp_path / "none.toml")]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60)
    assert ended.returncode == 2
    assert "--faults: cannot read" in ended.stderr

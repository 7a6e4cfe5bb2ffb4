"""A third of the answers faulty, and the client killed again and again: nothing lost, doubled, or wrong.

    .venv/bin/python -m tests.chaos.test_bad_day 20000 10

runs it at another size, and prints what it saw.
"""

import asyncio
import json
import random
import signal
import sqlite3
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from schemas.call import Call, CallEnd, Message, Request, Sampling
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.endpoint import request_body
from tasks.practice.bad_day import read_faults
from tasks.practice.behaviour import reply
from tasks.practice.process import PracticeTeacher
from tasks.practice.protocol import ask
from tests.integration.test_teacher_faults import CLASSES
from warehouse.journal import Journal

ROOT = Path(__file__).parents[2]
IN_FLIGHT = 64
FAULTS = ROOT / "deploy" / "faults" / "bad_day.toml"
ENDS_AS = {
    **{name: (how.reason or "answered").partition(":")[0] for name, how in CLASSES.items()},
    **{"429-wait": "rate_limited", "twice": "answered", "slow": "deadline", "bomb": "too_long"},
    "bomb-in-500": "server_error",
}

CLIENT = """
import asyncio, resource, sys
from pathlib import Path
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tests.chaos.test_bad_day import requests

async def main(base_url, journal, calls, in_flight):
    settings = Settings(tries=5, timeout_s=1.5, max_response_bytes=2**20)
    limiter = RateLimiter(SharedController(int(in_flight), None))
    teacher = Teacher(settings, TeacherAddress(base_url), Path(journal), limiter, backoff_s=0.01)
    asked = requests(int(calls))
    pending = 0
    for start in range(0, len(asked), 1000):
        outcomes = await teacher.answer(asked[start : start + 1000])
        pending += sum(outcome.call is None for outcome in outcomes)
        if start == 0:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await teacher.close()
    print(pending, early, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

asyncio.run(main(*sys.argv[1:]))
"""


def requests(calls: int) -> list[Request]:
    sampling = Sampling(temperature=0.7, top_p=None, max_tokens=400, seed=None)
    return [
        Request(
            endpoint="practice/bad-day",
            model="practice",
            messages=(Message(role="user", content=f"State the final answer: {n} + {n % 7} ="),),
            sampling=sampling,
            sample_index=0,
            fresh="",
        )
        for n in range(calls)
    ]


def counters(server: PracticeTeacher, of: str = "") -> dict[str, Any]:
    with urllib.request.urlopen(server.base_url.removesuffix("/v1") + "/counters" + of) as response:
        return dict(json.load(response))


async def one_life(server: PracticeTeacher, journal: Path, calls: int, until: int | None) -> list[int] | None:
    """(pending, early and last peak of memory in kB), or None when killed: once so many requests have come in."""
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLIENT, server.base_url, str(journal), str(calls), str(IN_FLIGHT)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    while until is not None and client.returncode is None:
        if (await asyncio.to_thread(counters, server))["received"] >= until:
            client.send_signal(signal.SIGKILL)
            break
        await asyncio.sleep(0.01)
    out, _ = await client.communicate()
    return [int(word) for word in out.split()] if client.returncode == 0 else None


async def survive(server: PracticeTeacher, journal: Path, calls: int, kills: int) -> list[int]:
    """Kill the client `kills` times, then let it finish; what its last life said."""
    for point in sorted(random.Random(3).sample(range(calls // 10, calls), kills)):
        assert await one_life(server, journal, calls, point) is None, "it ended before it was killed"
    for _ in range(10):
        told = await one_life(server, journal, calls, None)
        assert told, "the client failed"
        if told[0] == 0:
            return told
    raise AssertionError(f"still pending after ten lives: {told[0]}")


def sends_by_class(journal: Path) -> Counter[str]:
    """Sends by the word that their error begins with; what was not heard of has none."""
    with sqlite3.connect(journal) as db:
        rows = db.execute("SELECT outcome, error FROM sends").fetchall()
    return Counter((error or outcome).partition(":")[0] for outcome, error in rows)


def wrong(asked: Iterable[Request], answers: dict[str, Call]) -> list[str]:
    """Answered calls whose text is not the one made for them; two of the faults put something before it."""
    return [
        request.call_id
        for request in asked
        if (call := answers[request.call_id]).ended is CallEnd.ANSWERED
        and not (call.content or "").endswith(reply(request_body(request)).body["choices"][0]["message"]["content"])
    ]


def check(server: PracticeTeacher, journal: Path, calls: int, kills: int) -> str:
    asked, seen = requests(calls), counters(server)
    by_key = counters(server, "/keys")
    opened = Journal(journal)
    answers = opened.answers([request.call_id for request in asked])
    ledger = opened.ledger([request.call_id for request in asked])
    opened.close()
    assert len(answers) == calls, "none is lost"
    assert wrong(asked, answers) == []
    lost = kills * IN_FLIGHT
    assert ledger.balanced
    assert 0 <= ledger.sent - seen["received"] <= lost
    with sqlite3.connect(journal) as db:
        twice = "SELECT call_id FROM sends WHERE outcome = 'answered' GROUP BY call_id HAVING count(*) > 1"
        assert db.execute(twice).fetchall() == [], "none is answered twice"
    made = {request.call_id: by_key[ask(request_body(request)).key][1] for request in asked}
    assert sum(max(n - 1, 0) for n in made.values()) <= ledger.unknown, "what was made again had not been heard of"
    met, classes = Counter[str](), sends_by_class(journal)
    for name, n in seen["faults"].items():
        met[ENDS_AS[name]] += n
    for outcome in set(met) - {"answered"}:
        assert met[outcome] - lost <= classes[outcome], f"{outcome}: {met[outcome]} met, {classes[outcome]} seen"
        if outcome != CallOutcome.DEADLINE:  # a busy machine makes more of those
            assert classes[outcome] <= met[outcome], f"{outcome}: {met[outcome]} met, {classes[outcome]} seen"
    return f"{ledger}; {dict(classes)}; server {seen}"


@pytest.mark.parametrize(("calls", "kills"), [(1200, 2)])
def test_a_bad_day_with_kills(tmp_path: Path, calls: int, kills: int) -> None:
    journal = tmp_path / "calls.sqlite"
    with PracticeTeacher(latency_s=0.02, faults=FAULTS) as server:
        _, early, peak = asyncio.run(survive(server, journal, calls, kills))
        print(check(server, journal, calls, kills), f"memory {early / 1024:.0f} MB, later {peak / 1024:.0f} MB")
    assert sum(read_faults(FAULTS).rates.values()) > 0.3
    assert peak < 2 * early

    # the control: an answer that stands under another's key is seen
    asked = requests(2)
    opened = Journal(journal)
    one, other = (opened.answers([request.call_id])[request.call_id] for request in asked)
    opened.close()
    assert wrong(asked[:1], {asked[0].call_id: other.model_copy(update={"ended": CallEnd.ANSWERED})})
    assert one.call_id != other.call_id


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        test_a_bad_day_with_kills(Path(folder), *map(int, sys.argv[1:]))

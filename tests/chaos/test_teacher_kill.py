"""kill -9 of a teacher with calls in flight: a rerun pays again for those in flight at most, and loses none."""

import asyncio
import random
import signal
import sys
from collections import Counter
from pathlib import Path

from schemas.call import Message, Request, Sampling
from schemas.run import Ledger
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tests.forked import Forked
from tests.integration.hostile import Hostile, hostile
from warehouse.journal import Journal

ROOT = Path(__file__).parents[2]
CALLS, IN_FLIGHT, KILLS = 2000, 64, 3


async def client(base_url: str, journal: str) -> None:
    limiter = RateLimiter(SharedController(IN_FLIGHT, None))
    teacher = Teacher(Settings(tries=3), TeacherAddress(base_url), Path(journal), limiter, backoff_s=0.01)
    outcomes = await teacher.answer(requests())
    assert all(outcome.call for outcome in outcomes)
    await teacher.close()


def requests() -> list[Request]:
    sampling = Sampling(temperature=None, top_p=None, max_tokens=None, seed=None)
    return [
        Request(
            endpoint="https://teacher.test/v1",
            model="m",
            messages=(Message(role="user", content=f"{n} brief"),),
            sampling=sampling,
            sample_index=0,
            fresh="",
        )
        for n in range(CALLS)
    ]


async def run(fork_server: Path, server: Hostile, journal: Path, until: int | None) -> int:
    """One life of a client, killed once the server has seen `until` sends; its exit code."""
    life = Forked(fork_server, [server.base_url, str(journal)], ROOT, module="tests.chaos.test_teacher_kill")
    while until is not None and sum(server.sent.values()) < until and life.poll() is None:
        await asyncio.sleep(0.001)
    if until is not None:
        life.kill()
    return await asyncio.to_thread(life.wait)


def test_a_killed_teacher_pays_again_only_for_what_was_in_flight(tmp_path: Path, fork_server: Path) -> None:
    path = tmp_path / "calls.sqlite"
    call_ids = [request.call_id for request in requests()]
    points = sorted(random.Random(3).sample(range(20, CALLS), KILLS))

    async def scenario() -> Counter[str]:
        async with hostile() as server:
            for point in points:
                assert await run(fork_server, server, path, point) == -signal.SIGKILL
            assert await run(fork_server, server, path, None) == 0
            before = sum(server.sent.values())
            assert await run(fork_server, server, path, None) == 0
            assert sum(server.sent.values()) == before, "a further run sends nothing"
            counted = server.sent.copy()
            assert await run(fork_server, server, tmp_path / "none.sqlite", None) == 0
            assert sum(server.sent.values()) == before + CALLS, "the control: without the journal all is paid again"
            return counted

    sent = asyncio.run(scenario())
    journal = Journal(path)
    answers, ledger = journal.answers(call_ids), journal.ledger(call_ids)
    journal.close()
    assert len(answers) == CALLS
    assert all(answers[request.call_id].content == f"answer to {request.messages[0].content}" for request in requests())
    repeated = sum(sent.values()) - CALLS
    assert repeated <= KILLS * IN_FLIGHT
    assert ledger.balanced
    assert ledger.answered == CALLS
    # a kill between an intent and its send leaves an intent that the server never saw, in the slot that held it
    assert 0 <= ledger.sent - sum(sent.values()) <= KILLS * IN_FLIGHT
    assert ledger == Ledger(sent=ledger.sent, answered=CALLS, failed=0, unknown=ledger.sent - CALLS)


if __name__ == "__main__":
    asyncio.run(client(*sys.argv[1:]))

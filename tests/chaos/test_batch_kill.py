"""kill -9 at every step of a batch: the next life takes it up where it stands. One batch, each call paid once."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.forked import Forked
from tests.integration.batching import Door, asks, ledger, life, serving
from warehouse.journal import Journal

ROOT = Path(__file__).parents[2]
CALLS = 450
"""More than two groups of settlements, so that a file can break off between them."""


async def client(base_url: str, folder: str) -> None:
    door = Door()
    door.base_url = base_url
    outcomes = await life(door, Path(folder), asks(CALLS))
    assert all(outcome.call for outcome in outcomes)


class Client(Forked):
    """A process of its own that is a client."""

    def __init__(self, fork_server: Path, door: Door, folder: Path) -> None:
        super().__init__(fork_server, [door.base_url, str(folder)], ROOT, module="tests.chaos.test_batch_kill")

    async def end(self) -> int:
        return await asyncio.to_thread(self.wait)


class Hold:
    """Lets a step happen, or not, or half of it, and never answers."""

    def __init__(self, when: str) -> None:
        self.when = when
        self.reached = asyncio.Event()

    async def __call__(self, request, handler):
        if self.when != "before":
            response = await handler(request)
        if self.when == "half":
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(response.body)}\r\n\r\n".encode()
            request.transport.write(head + response.body[: 2 * len(response.body) // 3])
            await asyncio.sleep(0.5)
        self.reached.set()
        await asyncio.Event().wait()


STEPS = [
    ("upload", "before"),
    ("upload", "after"),
    ("create", "before"),
    ("create", "after"),
    ("poll", "before"),
    ("content", "before"),
    ("content", "half"),
]


@pytest.mark.timeout(120)
def test_a_batch_outlives_its_client_at_every_step(tmp_path: Path, fork_server: Path) -> None:
    async def scenario() -> None:
        async with serving() as door:
            for step, when in STEPS:
                hold = Hold(when)
                door.breaks[step] = [hold]
                killed = Client(fork_server, door, tmp_path)
                await asyncio.wait_for(hold.reached.wait(), 30)
                killed.kill()
                assert await killed.end() == -signal.SIGKILL
                half = ledger(tmp_path, asks(CALLS))
                assert half[0] == CALLS, "announced once"
            assert 0 < half[1] < CALLS, "killed in the midst of settling"
            assert await Client(fork_server, door, tmp_path).end() == 0
            steps = door.steps.copy()
            assert await Client(fork_server, door, tmp_path).end() == 0
            assert door.steps == steps, "a further life asks for nothing"
            assert (await door.counted("/counters/batches"))["batches"] == 1
            assert await door.paid() == [1] * CALLS

    asyncio.run(scenario())
    assert ledger(tmp_path, asks(CALLS)) == (CALLS, CALLS, 0, 0)
    journal = Journal(tmp_path / "calls.sqlite")
    answers = journal.answers([request.call_id for request in asks(CALLS)])
    journal.close()
    for request in asks(CALLS):
        assert answers[request.call_id].messages == request.messages


def test_control_without_the_journal_all_is_paid_again(tmp_path: Path, fork_server: Path) -> None:
    async def scenario() -> list[int]:
        async with serving() as door:
            hold = Hold("after")
            door.breaks["create"] = [hold]
            killed = Client(fork_server, door, tmp_path)
            await asyncio.wait_for(hold.reached.wait(), 30)
            killed.kill()
            await killed.end()
            for file in tmp_path.iterdir():
                file.unlink()
            assert await Client(fork_server, door, tmp_path).end() == 0
            return await door.paid()

    assert asyncio.run(scenario()) == [2] * CALLS


if __name__ == "__main__":
    asyncio.run(client(*sys.argv[1:]))

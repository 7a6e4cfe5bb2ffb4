"""A teacher whose driver was killed sends nothing more, and does not take another process for it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.call import Outcome
from schemas.teacher import TeacherSettings
from tasks.asking.driver_gone import Driver, when_gone
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tasks.halt import NOT_SENT
from tasks.practice.process import PracticeTeacher
from tests.integration.hostile import ask
from tests.integration.test_practice_bad_day import counters

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are watched by Linux's pidfd")
UNKNOWN = "00000000-0000-0000-0000-000000000000"
SOON_S, NOT_S = 10.0, 0.5
CALLS, IN_FLIGHT = 40, 4


def began(pid: int) -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    ticks = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[19]
    return f"{boot} {Path('/proc/self/ns/pid').readlink()} {ticks}"


async def told(driver: Driver, kill: subprocess.Popen[bytes] | None, within_s: float) -> bool:
    """Whether who watches the driver is told, once `kill` is killed."""
    gone = asyncio.Event()
    when_gone(driver, gone.set)
    await asyncio.sleep(0)
    assert not gone.is_set()
    if kill:
        kill.kill()
    try:
        await asyncio.wait_for(gone.wait(), within_s)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "case",
    ["killed", "alive", "another with its number", "another machine", "another container", "nobody with its number"],
)
def test_only_the_end_of_the_driver_is_told(case: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    driver = Driver(process.pid, began(process.pid))
    boot, numbers, ticks = driver.began.split()
    try:
        match case:
            case "killed":
                assert asyncio.run(told(driver, process, SOON_S))
            case "alive":
                assert not asyncio.run(told(driver, None, NOT_S))
            case "another with its number":
                other = f"{boot} {numbers} 1"
                assert not asyncio.run(told(driver._replace(began=other), process, NOT_S))
            case "another machine":  # the process that has the number there began at the same tick
                other = f"{UNKNOWN} {numbers} {ticks}"
                assert not asyncio.run(told(driver._replace(began=other), process, NOT_S))
            case "another container":
                other = f"{boot} pid:[1] {ticks}"
                assert not asyncio.run(told(driver._replace(began=other), process, NOT_S))
            case _:
                process.kill()
                process.wait()
                assert not asyncio.run(told(driver, None, NOT_S))
    finally:
        process.kill()
        process.communicate()


def test_a_driver_names_itself() -> None:
    here = Driver.this()
    assert here
    assert here.began == began(here.pid)


async def answers(
    server: PracticeTeacher, journal: Path, driver: Driver | None, kill: subprocess.Popen[bytes]
) -> list[Outcome]:
    """What becomes of the calls when the driver is killed with some in flight."""
    limiter = RateLimiter(SharedController(IN_FLIGHT, None))
    teacher = Teacher(TeacherSettings(), TeacherAddress(server.base_url), journal, limiter, driver=driver)
    asking = asyncio.create_task(teacher.answer([ask(f"{n} + {n}?", model="practice") for n in range(CALLS)]))
    while (await asyncio.to_thread(counters, server))["received"] < IN_FLIGHT:
        await asyncio.sleep(0.02)
    kill.kill()
    outcomes = await asking
    await teacher.close()
    return outcomes


@pytest.mark.parametrize("watched", [True, False], ids=["watched", "control: not watched"])
def test_what_is_in_flight_lands_and_nothing_more_is_sent(tmp_path: Path, watched: bool) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    driver = Driver(process.pid, began(process.pid)) if watched else None
    with PracticeTeacher(latency_s=0.3) as server:
        outcomes = asyncio.run(answers(server, tmp_path / "calls.sqlite", driver, process))
        received = counters(server)["received"]
    process.communicate()
    assert received == sum(outcome.call is not None for outcome in outcomes)
    assert (received < CALLS) == watched
    assert {outcome.pending for outcome in outcomes if outcome.call is None} == ({NOT_SENT} if watched else set())

"""What asking the teacher costs: Ray actors, journal and all, against a bare aiohttp loop and the same server.

    .venv/bin/python tests/benchmarks/teacher_calls.py [--repeat 3] [--only short,long,wide,limited,slot,slots]

The server's own counters say what was received and how much was in flight. Wall times are those of the steady state
(actors are up, connections are open), the best of the repetitions. CPU seconds are those of the driver and of all
that Ray started, without the server.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import psutil

from schemas.call import Message, Request, Sampling
from schemas.configuration import RunConfiguration
from schemas.until import Until
from tasks.actors import RayWorkers
from tasks.asking.endpoint import TeacherAddress, request_body
from tasks.halt import Halt
from tasks.practice.process import PracticeTeacher
from tasks.ray_session import ray_session

SAMPLING = Sampling(temperature=0.7, top_p=0.95, max_tokens=512, seed=None)


class Load(NamedTuple):
    calls: int
    latency_s: float
    in_flight: int | None
    """None: to be found out, as where nothing is configured."""
    most: float
    """Limit of the ratio to the bare loop, or to the ideal time."""
    per_s: int | None = None
    """What the server allows; the answers above that are 429 with `Retry-After: 1`."""
    slots: int | None = None
    """Answers at once; what comes beside them waits."""
    timeout_s: float = 60.0

    @property
    def ideal_s(self) -> float | None:
        """None where the bare loop says it."""
        if self.per_s:
            return self.calls / self.per_s
        return self.calls * self.latency_s / self.slots if self.slots else None


LOADS = {
    "short": Load(2000, 0.2, 64, 1.15),
    "long": Load(2560, 2.0, 256, 1.08),
    "wide": Load(4000, 2.0, 1000, 1.5),
    "limited": Load(1000, 0.1, 64, 1.25, per_s=60),
    "slot": Load(40, 0.6, None, 1.1, slots=1, timeout_s=6),
    "slots": Load(120, 0.6, None, 1.1, slots=4, timeout_s=6),
}
MOST_CPU_S, MOST_REFUSED = 2.5, 60


def requests(load: Load, name: str) -> list[Request]:
    system = Message(role="system", content="Think, check yourself, then answer. " * 20)
    return [
        Request(
            endpoint="practice/benchmark",
            model="practice",
            messages=(system, Message(role="user", content=f"{name}: what is {n} + {n}?")),
            sampling=SAMPLING,
            sample_index=0,
            fresh=name,
        )
        for n in range(load.calls)
    ]


async def bare_loop(base_url: str, asked: list[Request], in_flight: int) -> float:
    """Seconds of the plainest loop that reads every answer."""
    due = iter(asked)

    async def worker(session: aiohttp.ClientSession) -> None:
        for request in due:
            async with session.post(f"{base_url}/chat/completions", json=request_body(request)) as response:
                (await response.json())["choices"][0]["message"]["content"]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        started = time.perf_counter()
        await asyncio.gather(*(worker(session) for _ in range(in_flight)))
        return time.perf_counter() - started


def through_ray(workers: RayWorkers, asked: list[Request]) -> tuple[float, float]:
    """(wall, CPU) seconds."""
    before, started = client_cpu_s(), time.perf_counter()
    outcomes = workers.answer(asked, lambda rows: None)
    wall = time.perf_counter() - started
    lost = [outcome.pending for outcome in outcomes if not outcome.call]
    assert not lost, lost[:3]
    return wall, client_cpu_s() - before


def client_cpu_s() -> float:
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(_cpu_s(process) for process in processes)


def _cpu_s(process: psutil.Process) -> float:
    try:
        if any("tasks.practice" in word for word in process.cmdline()):
            return 0.0
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


@contextmanager
def workers(load: Load, server: PracticeTeacher, folder: Path) -> Iterator[RayWorkers]:
    configuration = RunConfiguration.model_validate(
        {
            "questions": {"source": "reasoning_gym"},
            "teacher": {"base_url": server.base_url, "max_in_flight": load.in_flight, "timeout_s": load.timeout_s},
        }
    )
    journal = folder / "journal" / "calls.sqlite"
    yield RayWorkers(configuration, TeacherAddress(server.base_url), Until.GENERATE, journal, Halt())


def counters(server: PracticeTeacher) -> dict[str, Any]:
    with urllib.request.urlopen(server.base_url.removesuffix("/v1") + "/counters") as response:
        return dict(json.load(response))


def measure(name: str, load: Load, repeat: int, folder: Path) -> bool:
    faults = folder / "faults.toml"
    limits = {"requests_per_s": load.per_s, "retry_after_s": load.per_s and 1.0, "answers_at_once": load.slots}
    faults.write_text("".join(f"{key} = {value}\n" for key, value in limits.items() if value))
    bare, ours, cpu = [], [], []
    with PracticeTeacher(latency_s=load.latency_s, faults=faults) as server, workers(load, server, folder) as made:
        if load.in_flight:
            warm_up = requests(Load(load.in_flight, 0, 0, 0), f"{name} warm-up")
            through_ray(made, warm_up[: load.per_s or None])
        time.sleep(1.1 if load.per_s else 0)
        for n in range(repeat):
            if load.in_flight and not load.per_s:
                bare.append(asyncio.run(bare_loop(server.base_url, requests(load, f"{name} bare {n}"), load.in_flight)))
            wall, cpu_s = through_ray(made, requests(load, f"{name} ours {n}"))
            ours.append(wall)
            cpu.append(cpu_s * 1000 / load.calls)
        seen = counters(server)
    ideal = load.ideal_s or min(bare)
    refused = seen["by_status"].get("429", 0) / repeat
    ratio = min(ours) / ideal
    sent = seen["received"] - load.calls * len(bare) - (len(warm_up) if load.in_flight else 0)
    print(
        f"{name}: {load.calls} calls of {load.latency_s} s, {load.in_flight or 'no limit of'} in flight:"
        f" {'ideal' if load.ideal_s else 'bare loop'} {ideal:.2f} s, ours {min(ours):.2f} s"
        f" (median {statistics.median(ours):.2f}), ratio {ratio:.3f} (limit {load.most}),"
        f" CPU {min(cpu):.2f} s per 1,000 calls (median {statistics.median(cpu):.2f}, limit {MOST_CPU_S}),"
        f" sends per call {sent / repeat / load.calls:.2f}, most in flight {seen['in_flight_max']},"
        f" answers 429: {refused:.0f} (limit {MOST_REFUSED}), server {seen}"
    )
    thrifty = bool(load.ideal_s) or min(cpu) <= MOST_CPU_S  # else it is mostly what Ray does while it waits
    return ratio <= load.most and thrifty and refused <= MOST_REFUSED


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--only", default=",".join(LOADS))
    options = arguments.parse_args()
    # the actors run this checkout, wherever they are started
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    kept = True
    with tempfile.TemporaryDirectory() as name, ray_session(cpus=1, gpus=0):
        for load in options.only.split(","):
            kept &= measure(load, LOADS[load], options.repeat, Path(name))
    raise SystemExit(0 if kept else 1)


if __name__ == "__main__":
    main()

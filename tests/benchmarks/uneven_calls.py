"""A whole run beside a teacher whose calls take very different times: how many of those that it may ask are in flight.

    python -m tests.benchmarks.uneven_calls [--calls 1500] [--in-flight 64] [--mean-s 2]

Each call takes a time from one lognormal distribution (sigma 1: one of a hundred takes six times the mean). The least
that the run can take is all of them over the calls in flight, or the slowest alone. The control is a window of three
shards, which the slowest call of each holds up.
"""

import argparse
import asyncio
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

from aiohttp import web

from tests.sums import write_sums

SIGMA = 1.0
TEXT = "<thinking>\nI add.\n</thinking>\n<output>\nAnswer: 5\n</output>"
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"
[teacher]
base_url = "http://127.0.0.1:{port}/v1"
model = "uneven"
max_tokens = 100
max_in_flight = {in_flight}
"""


class Uneven:
    """The teacher, and the seconds that its calls have taken."""

    def __init__(self, mean_s: float) -> None:
        self.took: list[float] = []
        self.began = math.inf
        self.ended = self.port = 0
        self._median, self._random = math.log(mean_s) - SIGMA**2 / 2, random.Random(1)

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.began = min(self.began, time.monotonic())
        self.took.append(self._random.lognormvariate(self._median, SIGMA))
        await asyncio.sleep(self.took[-1])
        self.ended = time.monotonic()
        message = {"role": "assistant", "content": TEXT}
        usage = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return web.json_response({"id": "1", "model": "uneven", "choices": choices, "usage": usage})

    async def serve(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
        self.port = runner.addresses[0][1]
        await asyncio.Event().wait()


def measured(options: argparse.Namespace, *changes: str) -> str:
    teacher = Uneven(options.mean_s)
    Thread(target=lambda: asyncio.run(teacher.serve()), daemon=True).start()
    while not teacher.port:
        time.sleep(0.01)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sums(folder / "questions.jsonl", options.calls)
        written = CONFIGURATION.format(port=teacher.port, in_flight=options.in_flight)
        (folder / "run.toml").write_text(written)
        changed = [word for change in changes for word in ("--set", change)]
        command = [sys.executable, "-m", "flows", "run", "run.toml", "--until", "generate", *changed]
        root = {"PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.run(command, cwd=folder, env={**os.environ, **root}, check=True, capture_output=True)
    took, least = teacher.ended - teacher.began, max(sum(teacher.took) / options.in_flight, *teacher.took)
    in_flight = sum(teacher.took) / took
    return f"{took:.1f} s, {took / least:.2f} times the least; {in_flight:.0f} in flight on average"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", type=int, default=1500)
    arguments.add_argument("--in-flight", type=int, default=64)
    arguments.add_argument("--mean-s", type=float, default=2.0)
    options = arguments.parse_args()
    print(json.dumps(vars(options)))
    print(f"as it is:     {measured(options)}")
    print(f"three shards: {measured(options, 'run.shards_in_flight=3')}")


if __name__ == "__main__":
    main()

"""What every library is asked to do."""

from dataclasses import dataclass, field
from typing import Any

from tests.sums import SUM

SYSTEM = "Think, check yourself, then answer. " * 20
OTHER_SYSTEM = SYSTEM + "Be brief."
MODEL = "practice"
SAMPLING = {"temperature": 0.7, "top_p": 0.95, "max_tokens": 512}


@dataclass(frozen=True)
class Step:
    """One execution. The next one of a case has the same folder and the same server."""

    rows: int
    system_prompt: str = SYSTEM
    kill_after: int | None = None
    """SIGKILL to every process of the library once the server has answered so many."""


@dataclass(frozen=True)
class Case:
    about: str
    steps: tuple[Step, ...]
    latency_s: float
    in_flight: int
    faults: dict[str, Any] = field(default_factory=dict)
    """What the server is started with (`reflectory practice-teacher --faults`)."""
    requests_per_minute: int | None = None
    """What the client is told."""


CASES = {
    "start": Case("one row: what starting costs", (Step(1),), 0, 64),
    "short": Case("2,000 calls of 0.2 s, 64 in flight", (Step(2000),), 0.2, 64),
    "long": Case("2,560 calls of 2 s, 256 in flight", (Step(2560),), 2.0, 256),
    "refused": Case(
        "1,000 calls, 1 % always answered HTTP 400", (Step(1000),), 0.2, 64, {"rates": {"400": 0.01}, "lasting": True}
    ),
    "limited": Case("600 calls to a server that allows 60 a second", (Step(600),), 0.1, 64, {"requests_per_s": 60}),
    "told": Case(
        "the same, and the client is told", (Step(600),), 0.1, 64, {"requests_per_s": 60}, requests_per_minute=3600
    ),
    "killed": Case("1,000 calls, SIGKILL at half, again", (Step(1000, kill_after=500), Step(1000)), 0.2, 64),
    "grown": Case("450 rows, then ten more", (Step(450), Step(460)), 0.2, 64),
    "prompted": Case("500 rows, then another system prompt", (Step(500), Step(500, OTHER_SYSTEM)), 0.2, 64),
}


def question(n: int) -> str:
    return SUM.format(110 + n, 945)

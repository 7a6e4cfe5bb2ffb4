"""How often the practice teacher fails, and how: what `--faults FILE` says."""

import tomllib
from collections import Counter, deque
from pathlib import Path
from random import Random
from time import monotonic
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas.errors import Refused
from tasks.practice.decision import draw
from tasks.practice.faults import FAULTS, Fault, error, says

Share = Annotated[float, Field(ge=0, le=1)]


class BatchFaults(BaseModel):
    """How batches go wrong: shares of their lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds_per_line: float = Field(default=0, ge=0)
    failed: Share = 0
    """Status 500, in the file of errors."""
    refused: Share = 0
    """Status 400, likewise."""
    expired: Share = 0
    """Not executed; then the batch ends as expired."""
    missing: Share = 0
    """Executed, and in no file."""
    twice: Share = 0
    """Two equal lines."""
    most_queued: int | None = Field(default=None, ge=0)
    """Lines in all batches that are under way; one that would make it more fails."""


class Faults(BaseModel):
    """What `--faults FILE` says, TOML: `seed`, `rates` of fault = share of requests, what it bears, and `batches`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    rates: dict[str, float] = Field(default_factory=dict)
    lasting: bool = False
    """A request that met one of these meets it again, however often it is sent."""
    requests_per_s: int | None = Field(default=None, ge=1)
    """More in any one second are answered 429."""
    retry_after_s: float = Field(default=1.0, ge=0)
    """What those are told to wait."""
    answers_at_once: int | None = Field(default=None, ge=1)
    """The slots of the server; what comes beside them waits for one."""
    loading_s: float = Field(default=0, ge=0)
    """How long all requests are answered 503 at first, as while a model is loaded."""
    batches: BatchFaults = BatchFaults()

    @field_validator("rates")
    @classmethod
    def _known_and_possible(cls, rates: dict[str, float]) -> dict[str, float]:
        if unknown := sorted(set(rates) - set(FAULTS)):
            raise ValueError(f"no such fault: {', '.join(unknown)}; there are {', '.join(FAULTS)}")
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1:
            raise ValueError(f"got shares that sum to {sum(rates.values()):g}; none may be negative, the sum at most 1")
        return rates

    def draw(self, key: str, n: int) -> str | None:
        """Return the fault that meets request number `n` of a key, if any: the same one in every run."""
        return draw(Random(f"{self.seed}/{key}/{1 if self.lasting else n}"), self.rates)


def read_faults(path: Path) -> Faults:
    """Read the faults of a TOML file. Raises `Refused`."""
    try:
        return Faults.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise Refused(f"--faults: cannot read {path} ({error.strerror})") from error
    except ValidationError as error:
        said = {"extra_forbidden": f"unknown key; known are {', '.join(Faults.model_fields)}"}
        problems = (f"{'.'.join(map(str, e['loc']))}: {said.get(e['type'], e['msg'])}" for e in error.errors())
        raise Refused(f"--faults: {path}: {'; '.join(problems)}") from None
    except ValueError as error:
        raise Refused(f"--faults: {path}: not TOML ({error})") from error


class BadDay:
    """Decides for each request how it is met."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._asked: Counter[str] = Counter()
        self._recent: deque[float] = deque()
        self._loaded_at = monotonic() + faults.loading_s
        self.met: Counter[str] = Counter()

    def fault(self, key: str) -> Fault | None:
        self._asked[key] += 1
        name = self._faults.draw(key, self._asked[key])
        if monotonic() < self._loaded_at:
            return says(503, error("Loading model", 503))
        if name is None and self._too_many():
            self.met["limit"] += 1
            return says(429, error("slow down"), Retry_After=f"{self._faults.retry_after_s:g}")
        if name is None:
            return None
        self.met[name] += 1
        return FAULTS[name]

    def _too_many(self) -> bool:
        """A sliding window of one second; what is refused does not count."""
        if self._faults.requests_per_s is None:
            return False
        now = monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if not (full := len(self._recent) >= self._faults.requests_per_s):
            self._recent.append(now)
        return full

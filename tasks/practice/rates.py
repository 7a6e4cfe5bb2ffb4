"""How often the practice teacher does what: one table, `rates.toml`, a column for each preset."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from schemas.record import content_key
from schemas.teacher import Preset
from schemas.trace import Structure

VERSION = 4
"""Of wording and decisions: another number is another teacher, whose calls are other calls."""

MODELS: Mapping[str, float] = MappingProxyType({"practice": 1.0, "practice-weak": 2.0})
"""The models that solve questions, each with the factor on its slips."""
STUDENT = "practice-student"
"""The model that is to be trained: it errs like `practice-weak`, never reflects, and often leaves the tags out."""
REASONER = "practice-reasoner"
"""The model that thinks in a field of its own, and looks back in words instead of tags."""
SOLVERS: Mapping[str, float] = MappingProxyType({**MODELS, STUDENT: 2.0, REASONER: 1.0})
"""With those that came later: an endpoint's identity, which is in every key, is that of the first ones."""
JUDGE = "practice-judge"
"""The model that rules on answers and compares them (`tasks.practice.judge`)."""


class Spoil(StrEnum):
    """How a reply about a pair goes wrong: in its last section."""

    MARKER_MISSING = "marker_missing"
    PLACEHOLDER = "placeholder"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    MULTIPLE = "multiple"


@dataclass(frozen=True)
class Rates:
    """Shares from 0 to 1, as `rates.toml` says what each is; each is drawn on its own, seeded by the request."""

    slip_cold: float
    slip_warm: float
    common: float
    unstated: float
    catch: float
    late: float
    doubt: float
    harm: float
    mend: float
    believe: float
    routine: float
    again: float
    idle: float
    refusal: float
    untagged_refusal: float
    field: float
    think: float
    ramble: float
    attack: float
    misjudge: float
    favour_first: float
    mute: float
    echo: float
    unsolvable: float
    spoilt: float
    otherwise: float
    unmarked: float
    settled: float
    flat: float
    blunder: float
    spoils: Mapping[Spoil, float]
    """For each way the replies with a new pair that go wrong in it; together at most 1."""
    breaks: Mapping[Structure, float]
    """For each defect of the grammar the traces that have it; together at most 1."""

    def slip(self, temperature: float, difficulty: float, model: str = "practice") -> float:
        """Return the probability of a wrong draft; over the range of difficulty it triples."""
        rate = (self.slip_cold + self.slip_warm * temperature) * (0.5 + difficulty) * SOLVERS[model]
        return min(0.95, rate)


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def _column(i: int) -> Rates:
    breaks = MappingProxyType({Structure(defect): row[i] for defect, row in _TABLE["breaks"].items()})
    spoils = MappingProxyType({Spoil(spoil): row[i] for spoil, row in _TABLE["spoils"].items()})
    return Rates(**{name: row[i] for name, row in _TABLE["shares"].items()}, spoils=spoils, breaks=breaks)


PRESETS: Mapping[Preset, Rates] = MappingProxyType({preset: _column(i) for i, preset in enumerate(Preset)})
MILD = PRESETS[Preset.MILD]


def endpoint(preset: Preset) -> str:
    """Return the teacher's identity in call keys: version, name and hash of the rates; never an address."""
    rates = PRESETS[preset]
    table = asdict(replace(rates, breaks={}, spoils={})) | {"breaks": dict(rates.breaks), "spoils": dict(rates.spoils)}
    return f"practice/{VERSION}/{preset}-{content_key('rates', table, dict(MODELS))[:8]}"

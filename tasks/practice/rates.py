"""How often the practice teacher does what: one table, `rates.toml`, a column for each preset."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from schemas.configuration import Preset
from schemas.record import content_key
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
    """Shares from 0 to 1; each is drawn on its own, seeded by the request."""

    slip_cold: float
    """Wrong drafts at temperature 0, on a question of middling difficulty."""
    slip_warm: float
    """What one unit of temperature adds to that."""
    common: float
    """Of the slips, those that follow from the question alone: samples of it share the mistake."""
    unstated: float
    """Drafts that are not stated before they are reflected on."""
    catch: float
    """Of the wrong drafts, those that a reflection corrects, and that a check finds out."""
    late: float
    """Of these, those where a first reflection misses it."""
    doubt: float
    """Of the right drafts, those where a reflection looks for a slip in one step."""
    harm: float
    """Of these, those where it finds one that is not there; a check claims so many flaws in right ones."""
    mend: float
    """Of the wrong drafts that a revision is given a critique of, those that it puts right."""
    believe: float
    """Of the right ones, those that it makes wrong."""
    routine: float
    """Of the drafts neither corrected nor doubted, those that a reflection goes over and leaves."""
    again: float
    """Of the changed answers, those that one more reflection goes over and leaves."""
    idle: float
    """Traces that open with a decorative reflection."""
    refusal: float
    """Solvable questions that it declines. What it cannot read it always declines."""
    untagged_refusal: float
    """Of the declined, those in plain text."""
    field: float
    """Well-formed answers whose thinking comes in `reasoning_content`."""
    think: float
    """Of the other well-formed ones, those that spell the tag `<think>`; half of them leave `<output>` out."""
    ramble: float
    """Traces that never end: they run into `max_tokens`, or into the window."""
    attack: float
    """Traces that hold a text which attacks its reader: markup, control characters, orders to a judge."""
    misjudge: float
    """Of the judge's verdicts, those that say something else than it found."""
    favour_first: float
    """Of its comparisons, those that go to A whatever it found."""
    mute: float
    """Of its replies, and of the checks of an attempt, those without a verdict."""
    echo: float
    """Of the questions that it writes, those that repeat an example, an earlier one or the one to be evolved."""
    unsolvable: float
    """Of them, those that have no answer that anybody could find."""
    spoilt: float
    """Of them, those that are empty, or say their answer."""
    otherwise: float
    """Of its replies with questions, those that mark them in another way than they were asked to."""
    unmarked: float
    """Of them, those that mark them in no way."""
    settled: float
    """Of the right pairs that it reflects on, those that it keeps as they are."""
    flat: float
    """Of the pairs that it writes, those that are no better: an easy instruction, a bare result."""
    blunder: float
    """Of them, those with a wrong result."""
    spoils: Mapping[Spoil, float]
    """For each way the replies with a new pair that go wrong in it; together at most 1."""
    breaks: Mapping[Structure, float]
    """For each defect of the grammar the traces that have it; together at most 1."""

    def slip(self, temperature: float, difficulty: float, model: str = "practice") -> float:
        """Probability of a wrong draft; over the range of difficulty it triples."""
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
    """The teacher's identity in call keys: version, name and hash of the rates; never an address."""
    rates = PRESETS[preset]
    table = asdict(replace(rates, breaks={}, spoils={})) | {"breaks": dict(rates.breaks), "spoils": dict(rates.spoils)}
    return f"practice/{VERSION}/{preset}-{content_key('rates', table, dict(MODELS))[:8]}"

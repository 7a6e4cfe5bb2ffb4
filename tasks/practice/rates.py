"""How often the practice teacher does what: one table per preset."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

from schemas.record import content_key
from schemas.trace import Structure

VERSION = 1
"""Of wording and decisions: another number is another teacher, whose calls are other calls."""

MODELS: Mapping[str, float] = MappingProxyType({"practice": 1.0, "practice-weak": 2.0})
"""The models served, each with the factor on its slips."""


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
    """Of the wrong drafts, those that a reflection corrects."""
    late: float
    """Of these, those where a first reflection misses it."""
    doubt: float
    """Of the right drafts, those where a reflection looks for a slip in one step."""
    harm: float
    """Of these, those where it finds one that is not there."""
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
    ramble: float
    """Traces that never end: they run into `max_tokens`, or into the window."""
    breaks: Mapping[Structure, float]
    """For each defect of the grammar the traces that have it; together at most 1."""

    def slip(self, temperature: float, difficulty: float, model: str = "practice") -> float:
        """Probability of a wrong draft; over the range of difficulty it triples."""
        rate = (self.slip_cold + self.slip_warm * temperature) * (0.5 + difficulty) * MODELS[model]
        return min(0.95, rate)


MILD = Rates(
    slip_cold=0.03,
    slip_warm=0.42,
    common=0.4,
    unstated=0.05,
    catch=0.55,
    late=0.15,
    doubt=0.35,
    harm=0.12,
    routine=0.6,
    again=0.2,
    idle=0.15,
    refusal=0.01,
    untagged_refusal=0.5,
    field=0.05,
    ramble=0.005,
    breaks=MappingProxyType(
        {
            Structure.EMPTY: 0.003,
            Structure.UNTAGGED: 0.01,
            Structure.UNCLOSED: 0.01,
            Structure.UNOPENED: 0.006,
            Structure.NESTED: 0.006,
            Structure.REPEATED: 0.005,
            Structure.MISSING_THINKING: 0.008,
            Structure.MISSING_OUTPUT: 0.006,
            Structure.OUT_OF_ORDER: 0.004,
            Structure.TEXT_OUTSIDE: 0.012,
            Structure.EMPTY_THINKING: 0.004,
            Structure.EMPTY_REFLECTION: 0.006,
            Structure.EMPTY_OUTPUT: 0.004,
        }
    ),
)

FLAWLESS = replace(
    MILD,
    slip_cold=0,
    slip_warm=0,
    unstated=0,
    harm=0,
    refusal=0,
    field=0,
    ramble=0,
    breaks=MappingProxyType({}),
)
"""Right and well-formed wherever it can read the question; it still reflects."""

PRESETS: Mapping[str, Rates] = MappingProxyType({"mild": MILD, "flawless": FLAWLESS})


def endpoint(preset: str) -> str:
    """The teacher's identity in call keys: version, name and hash of the rates; never an address."""
    rates = PRESETS[preset]
    table = asdict(replace(rates, breaks={})) | {"breaks": dict(rates.breaks)}
    return f"practice/{VERSION}/{preset}-{content_key('rates', table, dict(MODELS))[:8]}"

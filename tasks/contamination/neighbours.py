"""Embedding neighbours: a text that means what a benchmark item means, whatever its words.

A rephrased problem keeps its numbers; another problem of the same kind has its own. So a cosine convicts alone where it
is very high, a lower one where the numbers agree, and any that is near where nearly all of several numbers do (which is
how a terse summary is found). Measured by tests/benchmarks/contamination.py: 60 rephrased and 60 verbatim GSM8K
questions among 1,880 others, 50 draws, thresholds chosen on one half and tried on the other: F1 .959 by the cosine
alone, .977 with numbers. Those chosen most often are the defaults; they give .991 on whole draws.

A few words are near to too much ("Compute 17 * 25." to "Compute 17 * 24."): only the same words convict a short text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from schemas.contamination import Detector, Finding
from schemas.detection import Detection
from tasks.contamination.words import placed_words, plain_words
from tasks.mathematics.spelt import SPELT

Vectors = npt.NDArray[np.float32]
"""Rows of length 1, one for each text."""

AGREEMENT = 0.7
"""Share of common numbers (Dice) from which two texts have the same ones."""
FEWEST_NUMBERS = 2
"""A text of fewer numbers agrees with too many others."""
ALL, SEVERAL = 0.87, 3
"""The share, and of how many numbers, from which they are nearly all the same. Measured: no pair of 2,000 training and
660 test questions of GSM8K that is near has so many in common; of 18 terse summaries, 15 have."""
SHORTEST = 8
"""A text or an item of fewer words is convicted by no likeness."""
WINDOW, STRIDE = 160, 120
"""Words that are embedded together, of a longer text, and from one such window to the next. MiniLM reads 256 tokens."""
MOST_WINDOWS = 64
"""Of one text; what comes after them is not embedded, and then the text is undecided at best."""
BLOCK = 2048
"""Texts that are compared with all items at once, to bound memory."""
VERSION = (
    f"numbers-2({AGREEMENT},{FEWEST_NUMBERS},{ALL}x{SEVERAL},{SHORTEST})+windows-2({WINDOW},{STRIDE},{MOST_WINDOWS})"
)

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:k\b)?|[a-z]+", re.IGNORECASE)
_MOST_DIGITS = 40
"""Python refuses to read some thousands."""
_VAGUE = {"no", "none", "nothing", "nil", "one", "single", "score"}
"""Words that are seldom meant as numbers."""


@dataclass(frozen=True, slots=True)
class Window:
    owner: int
    """The text's place among those that were given."""
    text: str
    start: int | None
    end: int | None
    """Of a text in several windows; None where one holds it all."""


@dataclass(frozen=True, slots=True)
class Near:
    """A window of a text and a benchmark item."""

    window: int
    item: int
    cosine: float


def windows(texts: Sequence[str]) -> tuple[list[Window], set[int]]:
    """Return what to embed of each text, nothing of one without words; and which texts are longer than that."""
    found: list[Window] = []
    cut: set[int] = set()
    for owner, text in enumerate(texts):
        words, starts, ends = placed_words(text)
        firsts = range(0, max(len(words) - WINDOW, 0) + STRIDE, STRIDE) if words else range(0)
        if len(firsts) == 1:
            found.append(Window(owner, text, None, None))
            continue
        if len(firsts) > MOST_WINDOWS:
            cut.add(owner)
        for first in firsts[:MOST_WINDOWS]:
            start, end = starts[first], ends[min(first + WINDOW, len(words)) - 1]
            found.append(Window(owner, text[start:end], start, end))
    return found, cut


def near(windows: Vectors, items: Vectors, floor: float) -> Iterator[Near]:
    """Yield each window's nearest item, and every other whose cosine is at least `floor`; in the windows' order."""
    for first in range(0, len(windows) if len(items) else 0, BLOCK):
        cosines_WI = np.clip(windows[first : first + BLOCK] @ items.T, 0, 1)
        wanted_WI = cosines_WI >= floor
        wanted_WI[np.arange(len(wanted_WI)), cosines_WI.argmax(1)] = True
        for at, item in np.argwhere(wanted_WI):
            yield Near(first + int(at), int(item), round(float(cosines_WI[at, item]), 4))


def convict(pair: Near, window: Window, item: str, settings: Detection) -> Finding:
    """Return the finding on one pair. `item` is the text of the benchmark item."""
    agreed = agreement(window.text, item)
    evidence = format_agreement(agreed)
    if too_short(window.text, item):
        convicts, evidence = plain_words(window.text) == plain_words(item), f"too short for a likeness; {evidence}"
    else:
        convicts = pair.cosine >= _threshold(agreed, min(numbers(window.text).total(), numbers(item).total()), settings)
    return found_near(pair, window, convicts, evidence)


def format_agreement(agreed: float | None) -> str:
    """Say what share of the numbers of two texts agree; None is for texts without any."""
    return "no numbers to compare" if agreed is None else f"{agreed:.0%} of the numbers agree"


def found_near(pair: Near, window: Window, convicts: bool, evidence: str) -> Finding:
    return Finding(
        place=pair.item,
        detector=Detector.EMBEDDING,
        contaminated=convicts,
        score=pair.cosine,
        start=window.start,
        end=window.end,
        evidence=evidence,
    )


def too_short(*texts: str) -> bool:
    """Return whether one of the texts has too few words for a likeness to tell anything."""
    return any(len(plain_words(text)) < SHORTEST for text in texts)


def _threshold(agreed: float | None, n: int, settings: Detection) -> float:
    """The cosine that convicts a pair, the one with fewer numbers of which has `n`."""
    if agreed is None or agreed < AGREEMENT:
        return settings.alone
    return settings.borderline if agreed >= ALL and n >= SEVERAL else settings.with_numbers


def agreement(one: str, other: str) -> float | None:
    """Share of the numbers that two texts have in common, each as often as it stands (Dice); None with too few."""
    ours, theirs = numbers(one), numbers(other)
    if min(ours.total(), theirs.total()) < FEWEST_NUMBERS:
        return None
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def numbers(text: str) -> Counter[Fraction]:
    """Return the numbers of a text, in digits and in English words."""
    return Counter(value for match in _NUMBER.finditer(text) if (value := _value(match[0].lower())) is not None)


def _value(token: str) -> Fraction | None:
    if not token[0].isdigit():
        return SPELT.get(token) if token not in _VAGUE else None
    plain = token.replace(",", "").removesuffix("k")
    sound = plain.count(".") <= 1 and plain.isascii() and len(plain) <= _MOST_DIGITS
    return Fraction(plain) * (1000 if token.endswith("k") else 1) if sound else None

"""Word n-grams: a text that has the words of a benchmark item, in their order.

Lengths of 13 (Brown et al. 2020, appendix C) and 8 words (Chowdhery et al. 2022), and the whole item where it is
shorter. Measured: verbatim copies are all found, rephrased ones never; of 2,000 GSM8K training questions 3 have 13
words of a test question, of 3,000 Alpaca texts none.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from schemas.contamination import Detector, Finding
from tasks.contamination import wordings
from tasks.contamination.wordings import Gram, covered, originals, runs
from tasks.contamination.wordings import grams as grams_of
from tasks.contamination.words import UNIT, PlacedWords, placed_words, plain_words, weights

LONG = 13
"""Words in a row that convict, whatever else the item says; of a script whose words run together more characters."""
SHORT = 8
SHARE = 0.5
"""Of an item's 8-grams, how many convict together."""
LEAST = 5
"""An item of fewer words convicts only a text that says nothing else."""
COMMON = 1
"""An 8-gram of more items than this is boilerplate and counts for none; wordings of one item are one. So a preamble
tells nothing even where only two items have it. Measured: of 660 halves of GSM8K questions 616
are found, 617 without."""
VERSION = f"ngram-4({LONG},{SHORT}x{SHARE},{LEAST},{COMMON})+{wordings.VERSION}"

_Postings = dict[Gram, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Item:
    grams: frozenset[Gram]
    """Its 8-grams; all its words where they are fewer."""
    is_short: bool
    """Whether they are fewer."""
    telling: frozenset[Gram]
    """Those that are mostly its own words, outside of boilerplate; all where none is, and then nothing less than the
    whole item convicts."""
    long: frozenset[Gram]
    """Its 13-grams that are mostly its own words."""
    core: frozenset[Gram]
    """Those of its longest part without boilerplate; none where that has fewer than 8 words."""


class _Hit(NamedTuple):
    """An item that shares words with a text."""

    place: int
    convicts: bool
    score: float
    rule: str

    @property
    def weight(self) -> tuple[bool, float, int]:
        return self.convicts, self.score, -self.place


class NgramIndex:
    """Benchmark items, to look texts up in."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = [tuple(map(sys.intern, plain_words(text))) for text in texts]
        distinct = set(words)
        self._common = _boilerplate(words, originals(texts, words))
        self._items: dict[int, _Item] = {}
        self._short: _Postings = {}
        self._whole: dict[int, _Postings] = {}
        self._exact: dict[Gram | str, int] = {}
        for place, item in enumerate(words):
            if says(item) < LEAST:
                self._exact.setdefault(item or texts[place].strip(), place)
            elif item in distinct:
                distinct.remove(item)  # of equal items the first is found
                self._put(place, item)

    def find(self, text: str) -> Finding | None:
        """Return the item that most of stands in `text`; the first of equals. None when not even 8 words are shared."""
        words = plain_words(text)
        if says(words) < LEAST:
            same = self._exact.get(tuple(words) or text.strip())
            return None if same is None else _found(_Hit(same, True, 1.0, "the whole item"), None)
        short = set(grams_of(words, SHORT))
        places = set(self._near(words, short))
        if not places:
            return None
        long = set(grams_of(words, LONG))
        best = max((self._compare(place, short, long) for place in places), key=lambda hit: hit.weight)
        item = self._items[best.place]
        return _found(best, _run(placed_words(text), item))

    def _put(self, place: int, words: Gram) -> None:
        grams = frozenset(grams_of(words, SHORT))
        own = [not common for common in covered(words, self._common)]
        telling, long = (_mostly(words, own, size) for size in (SHORT, LONG))
        all_of_it = grams or frozenset([words])
        runs = [[at for at, _ in run] for mine, run in groupby(enumerate(own), lambda pair: pair[1]) if mine]
        longest = max(runs, key=len, default=[])
        self._items[place] = _Item(
            all_of_it, not grams, telling or all_of_it, long, frozenset(grams_of([words[at] for at in longest], SHORT))
        )
        postings = self._short if grams else self._whole.setdefault(len(words), {})
        for gram in self._items[place].telling:
            postings[gram] = (*postings.get(gram, ()), place)

    def _near(self, words: Sequence[str], short: set[Gram]) -> Iterator[int]:
        """The items that share a telling 8-gram with these words, or that stand in them whole and are shorter."""
        for gram in self._short.keys() & short:
            yield from self._short[gram]
        for size, postings in self._whole.items():
            for gram in postings.keys() & set(runs(words, size)):
                yield from postings[gram]

    def _compare(self, place: int, short: set[Gram], long: set[Gram]) -> _Hit:
        item = self._items[place]
        shared = item.telling & short
        score = round(len(shared) / len(item.telling), 4)
        if item.is_short or item.grams <= short:
            return _Hit(place, True, 1.0, "the whole item")
        if item.core and item.core <= short:
            return _Hit(place, True, score, "all but what other items have too")
        if longest := len(long & item.long):
            return _Hit(place, True, score, f"{longest} {LONG}-grams")
        enough = says([gram[0] for gram in shared]) > LONG - SHORT
        convicts = score >= SHARE and enough and not shared <= self._common
        return _Hit(place, convicts, score, f"{len(shared)} of {len(item.telling)} {SHORT}-grams")


def says(words: Sequence[str]) -> float:
    """Return as how many words these count: `tasks.contamination.words.weights`."""
    return sum(weights(words)) / UNIT


def _boilerplate(words: Sequence[Gram], of: Sequence[int]) -> set[Gram]:
    """The 8-grams of too many items to tell anything. `of` names the item that each is a wording of."""
    items: dict[Gram, set[int]] = defaultdict(set)
    for item, original in zip(words, of, strict=True):
        for gram in grams_of(item, SHORT):
            items[gram].add(original)
    return {gram for gram, found in items.items() if len(found) > COMMON}


def _mostly(words: Gram, own: Sequence[bool], size: int) -> frozenset[Gram]:
    """The n-grams more than half of whose words are the item's own."""
    found = enumerate(grams_of(words, size))
    return frozenset(gram for at, gram in found if 2 * sum(own[at : at + len(gram)]) > len(gram))


def _run(text: PlacedWords, item: _Item) -> tuple[int, int]:
    """Where the longest unbroken run of an item's n-grams stands in the text, in characters; the first of equals."""
    [size, *_] = map(len, item.telling)
    grams = runs(text.words, size) if item.is_short else grams_of(text.words, SHORT)
    hits = [(at, gram) for at, gram in enumerate(grams) if gram in item.telling]
    unbroken = [[hit for _, hit in run] for _, run in groupby(enumerate(hits), lambda pair: pair[1][0] - pair[0])]
    longest = max(unbroken, key=len)
    last, gram = longest[-1]
    return text.starts[longest[0][0]], text.ends[last + len(gram) - 1]


def _found(hit: _Hit, span: tuple[int, int] | None) -> Finding:
    start, end = span or (None, None)
    return Finding(
        place=hit.place,
        detector=Detector.NGRAM,
        contaminated=hit.convicts,
        score=hit.score,
        start=start,
        end=end,
        evidence=hit.rule,
    )

"""Word n-grams: a text that has the words of a benchmark item, in their order.

Lengths of 13 (Brown et al. 2020, appendix C) and 8 words (Chowdhery et al. 2022), and the whole item where it is
shorter. Measured: verbatim copies are all found, rephrased ones never; of 2,000 GSM8K training questions 3 have 13
words of a test question, of 3,000 Alpaca texts none.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from schemas.contamination import Detector, Finding
from tasks.contamination.words import PlacedWords, placed_words, plain_words

LONG = 13
"""Words in a row that convict, whatever else the item says."""
SHORT = 8
SHARE = 0.5
"""Of an item's 8-grams, how many convict together."""
LEAST = 5
"""An item of fewer words convicts only a text that says nothing else."""
COMMON = 3
"""An n-gram of more items than this is boilerplate and counts for none. Measured: no 8-gram of GSM8K's or HumanEval's
questions stands in more than 2; IFEval's phrases ("without change, then give your answer") stand in up to 13."""
VERSION = f"ngram-1({LONG},{SHORT}x{SHARE},{LEAST},{COMMON})"

Gram = tuple[str, ...]
_Postings = dict[Gram, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Item:
    words: Gram
    grams: frozenset[Gram]
    """Its 8-grams; all its words where they are fewer."""
    telling: frozenset[Gram]
    """Those that are no boilerplate; all where every one is, and then nothing less than the whole item convicts."""


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
        self._common = _boilerplate(distinct, SHORT)
        self._common_long = _boilerplate(distinct, LONG)
        self._items: dict[int, _Item] = {}
        self._short: _Postings = {}
        self._whole: dict[int, _Postings] = {}
        self._exact: dict[Gram | str, int] = {}
        for place, item in enumerate(words):
            if len(item) < LEAST:
                self._exact.setdefault(item or texts[place].strip(), place)
            elif item in distinct:
                distinct.remove(item)  # of equal items the first is found
                self._put(place, item)

    def find(self, text: str) -> Finding | None:
        """The item that most of stands in `text`; the first of equals. None when not even 8 words are shared."""
        words = plain_words(text)
        if len(words) < LEAST:
            same = self._exact.get(tuple(words) or text.strip())
            return None if same is None else _found(_Hit(same, True, 1.0, "the whole item"), None)
        short = set(_grams(words, SHORT))
        places = set(self._near(words, short))
        if not places:
            return None
        long = set(_grams(words, LONG))
        best = max((self._compare(place, short, long) for place in places), key=lambda hit: hit.weight)
        item = self._items[best.place]
        return _found(best, _run(placed_words(text), item.telling))

    def _put(self, place: int, words: Gram) -> None:
        grams = frozenset(_grams(words, SHORT)) or frozenset([words])
        self._items[place] = _Item(words, grams, grams - self._common or grams)
        postings = self._short if len(words) >= SHORT else self._whole.setdefault(len(words), {})
        for gram in self._items[place].telling:
            postings[gram] = (*postings.get(gram, ()), place)

    def _near(self, words: Sequence[str], short: set[Gram]) -> Iterator[int]:
        """The items that share a telling 8-gram with these words, or that stand in them whole and are shorter."""
        for gram in self._short.keys() & short:
            yield from self._short[gram]
        for size, postings in self._whole.items():
            for gram in postings.keys() & set(_grams(words, size)):
                yield from postings[gram]

    def _compare(self, place: int, short: set[Gram], long: set[Gram]) -> _Hit:
        item = self._items[place]
        shared = item.telling & short
        score = round(len(shared) / len(item.telling), 4)
        if len(item.words) < SHORT or item.grams <= short:
            return _Hit(place, True, 1.0, "the whole item")
        longest = (long & set(_grams(item.words, LONG))) - self._common_long
        if longest:
            return _Hit(place, True, score, f"{len(longest)} {LONG}-grams")
        convicts = score >= SHARE and len(shared) > LONG - SHORT and not shared <= self._common
        return _Hit(place, convicts, score, f"{len(shared)} of {len(item.telling)} {SHORT}-grams")


def _boilerplate(items: Iterable[Sequence[str]], size: int) -> set[Gram]:
    """The n-grams of too many items to tell anything; equal items count once."""
    counts = Counter(gram for item in items for gram in set(_grams(item, size)))
    return {gram for gram, n in counts.items() if n > COMMON}


def _grams(words: Sequence[str], size: int) -> Iterable[Gram]:
    return zip(*(words[start:] for start in range(size)), strict=False)


def _run(text: PlacedWords, grams: frozenset[Gram]) -> tuple[int, int]:
    """Where the longest unbroken run of these n-grams stands in the text, in characters; the first of equals."""
    size = len(next(iter(grams)))
    hits = [at for at, gram in enumerate(_grams(text.words, size)) if gram in grams]
    runs = [[at for _, at in run] for _, run in groupby(enumerate(hits), lambda pair: pair[1] - pair[0])]
    longest = max(runs, key=len)
    return text.starts[longest[0]], text.ends[longest[-1] + size - 1]


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

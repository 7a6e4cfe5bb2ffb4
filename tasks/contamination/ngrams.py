"""Word n-grams: a text that has the words of a benchmark item, in their order.

Lengths of 13 (Brown et al. 2020, appendix C) and 8 words (Chowdhery et al. 2022), and the whole item where it is shorter.
Measured, tests/benchmarks/contamination.py: of 2,000 GSM8K training questions 3 share 13 words with one of 660 test
questions, of 3,000 Alpaca texts none; 1 has half the 8-grams of one. Verbatim copies are all found, rephrased ones are not.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

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
"""An n-gram of more items than this is boilerplate and counts for none. Measured: none of GSM8K's or HumanEval's stands in
more than 2; those of IFEval's phrases ("without change, then give your answer") in 4 to 14."""
VERSION = f"ngram-1({LONG},{SHORT}x{SHARE},{LEAST},{COMMON})"

Gram = tuple[str, ...]
_Postings = dict[Gram | str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Item:
    words: Gram
    grams: frozenset[Gram]
    """Its 8-grams."""
    telling: frozenset[Gram]
    """Those that are no boilerplate; all where every one is, and then nothing less than the whole item convicts."""


class NgramIndex:
    """Benchmark items, to look texts up in. A look-up takes some 20 microseconds where nothing is found."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = [tuple(map(sys.intern, plain_words(text))) for text in texts]
        distinct = set(words)
        self._common = _boilerplate(distinct, SHORT)
        self._common_long = _boilerplate(distinct, LONG)
        self._items = [_item(item, self._common) for item in words]
        self._short: _Postings = {}
        self._whole: dict[int, _Postings] = {}
        self._exact: _Postings = {}
        for place, item in enumerate(self._items):
            for gram in item.telling:
                _post(self._short, gram, place)
            if LEAST <= len(item.words) < SHORT:
                _post(self._whole.setdefault(len(item.words), {}), item.words, place)
            elif len(item.words) < LEAST:
                _post(self._exact, item.words or texts[place].strip(), place)

    def find(self, text: str) -> Finding | None:
        """The item that most of stands in `text`; the first of equals. None when not even 8 words are shared."""
        words = plain_words(text)
        if len(words) < LEAST:
            same = self._exact.get(tuple(words) or text.strip())
            return _found(same[0], True, 1.0, None, "the whole item") if same else None
        places = set(self._near(words))
        if not places:
            return None
        placed = placed_words(text)
        found = [self._compare(place, placed) for place in places]
        return max(found, key=lambda it: (bool(it.contaminated), it.score or 0, -it.place))

    def _near(self, words: Sequence[str]) -> Iterable[int]:
        """The items that share an 8-gram with these words, or stand in them whole."""
        for gram in self._short.keys() & set(_grams(words, SHORT)):
            yield from self._short[gram]
        for size, postings in self._whole.items():
            for gram in postings.keys() & set(_grams(words, size)):
                yield from postings[gram]

    def _compare(self, place: int, text: PlacedWords) -> Finding:
        item = self._items[place]
        if len(item.words) < SHORT:
            return _found(place, True, 1.0, _run(text, {item.words}), "the whole item")
        grams = set(_grams(text.words, SHORT))
        shared = item.telling & grams
        score = round(len(shared) / len(item.telling), 4)
        if item.grams <= grams:
            return _found(place, True, score, _run(text, item.grams), "the whole item")
        span = _run(text, item.telling)
        long = set(_grams(item.words, LONG)).intersection(_grams(text.words, LONG)) - self._common_long
        if long:
            return _found(place, True, score, span, f"{len(long)} {LONG}-grams")
        convicts = score >= SHARE and len(shared) > LONG - SHORT and not shared <= self._common
        return _found(place, convicts, score, span, f"{len(shared)} of {len(item.telling)} {SHORT}-grams")


def _item(words: Gram, common: set[Gram]) -> _Item:
    grams = frozenset(_grams(words, SHORT))
    return _Item(words, grams, grams - common or grams)


def _boilerplate(items: Iterable[Sequence[str]], size: int) -> set[Gram]:
    """The n-grams of too many items to tell anything; equal items count once."""
    counts = Counter(gram for item in items for gram in set(_grams(item, size)))
    return {gram for gram, n in counts.items() if n > COMMON}


def _grams(words: Sequence[str], size: int) -> Iterable[Gram]:
    return zip(*(words[start:] for start in range(size)), strict=False)


def _post(postings: _Postings, key: Gram | str, place: int) -> None:
    postings[key] = (*postings.get(key, ()), place)


def _run(text: PlacedWords, grams: frozenset[Gram] | set[Gram]) -> tuple[int, int]:
    """Where the longest unbroken run of these n-grams stands in the text, in characters; the first of equals."""
    size = len(next(iter(grams)))
    hits = [at for at, gram in enumerate(_grams(text.words, size)) if gram in grams]
    runs = [[at for _, at in run] for _, run in groupby(enumerate(hits), lambda pair: pair[1] - pair[0])]
    longest = max(runs, key=len)
    return text.starts[longest[0]], text.ends[longest[-1] + size - 1]


def _found(place: int, contaminated: bool, score: float, span: tuple[int, int] | None, evidence: str) -> Finding:
    start, end = span or (None, None)
    return Finding(
        place=place,
        detector=Detector.NGRAM,
        contaminated=contaminated,
        score=score,
        start=start,
        end=end,
        evidence=evidence,
    )

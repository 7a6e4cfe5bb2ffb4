"""Which questions are the same, or nearly: the share of word triples that two texts have in common (Jaccard)."""

import math
import re
import unicodedata
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

SIZE = 3
"""Words of a shingle; a shorter text is one shingle."""

_STOPS = r"""\s!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~\xa1\xab\xb7\xbb\xbf\u2000-\u206f\u3000-\u303f"""
NO_SPACES = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts whose words run together (Thai, Lao, Khmer, kana, Han): each character counts as a word."""
WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{NO_SPACES}]|[^{_STOPS}{NO_SPACES}]+|[+/=<>^%$]|-(?=\s*[\d(])|(?<!\*)\*(?!\*)")
_BUCKETS = 1 << 20


def words(text: str) -> list[str]:
    """Return words, numbers and signs of arithmetic, without case and without punctuation."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class Match:
    share: float
    """1 where both have the same words in the same order (but for texts that repeat themselves)."""
    place: int
    """Of the text that is alike, in the order in which they came; in `base`, if negative, from its end."""


class Alike:
    """Finds, among texts that it was given, one that is alike to another.

    Prefix filtering (Chaudhuri et al. 2006; Bayardo et al. 2007): of sets that share so much, the rarest shingles of
    each already share one. So only those are indexed, and only what they find is compared.
    """

    def __init__(self, texts: Iterable[str], threshold: float, base: "Alike | None" = None) -> None:
        """`base` is looked in first and is left as it is; it needs the same threshold."""
        self._threshold, self._base = threshold, base
        self._sets: list[array[int]] = []
        self._index: dict[int, list[int]] = {}
        self._counts: array[int] = base._counts if base else array("I", bytes(4 * _BUCKETS))
        sets = [_shingles(text) for text in texts]
        if base is None:
            for shingles in sets:
                for shingle in shingles:
                    self._counts[shingle % _BUCKETS] += 1
        for shingles in sets:
            self._put(shingles)

    def add(self, text: str) -> None:
        self._put(_shingles(text))

    def match(self, text: str) -> Match | None:
        """Return the first that is most alike, of those that are alike enough."""
        shingles = _shingles(text)
        found = self._base._find(shingles) if self._base else None
        own = self._find(shingles)
        if self._base and found and (own is None or found.share >= own.share):
            return Match(found.share, found.place - len(self._base._sets))
        return own

    def _find(self, shingles: set[int]) -> Match | None:
        near = sorted({place for shingle in self._prefix(shingles) for place in self._index.get(shingle, ())})
        best: Match | None = None
        for place in near:
            other = self._sets[place]
            common = sum(shingle in shingles for shingle in other)
            share = common / (len(shingles) + len(other) - common)
            if share >= self._threshold and (best is None or share > best.share):
                best = Match(share, place)
        return best

    def _put(self, shingles: set[int]) -> None:
        for shingle in self._prefix(shingles):
            self._index.setdefault(shingle, []).append(len(self._sets))
        self._sets.append(array("q", shingles))

    def _prefix(self, shingles: set[int]) -> list[int]:
        """The rarest ones: so many that the rest alone is too little to be alike."""
        rarest = sorted(shingles, key=lambda shingle: (self._counts[shingle % _BUCKETS], shingle))
        return rarest[: len(rarest) - math.ceil(self._threshold * len(rarest) - 1e-9) + 1]


def _shingles(text: str) -> set[int]:
    """As hashes of this process: what they say of two texts is the same in all."""
    found = words(text)
    return {hash(tuple(found[start : start + SIZE])) for start in range(max(1, len(found) - SIZE + 1))}

"""Texts as sets of word 5-grams, each a 64-bit hash that is the same on every machine. Whole columns at a time."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SIZE = 5
"""Words of a shingle; a shorter text is one shingle."""
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_NOT_WORDS = r"[^\p{L}\p{M}\p{N}+\-*/=<>^%$. ]+"
"""Punctuation says little; signs of arithmetic say much, and so does the point of 3.5."""
_NOT_PLAIN = r"[^\x00-\x1b -\x7f]"
"""Beyond ASCII, and the separators that are white space in Unicode but not in ASCII."""
_WORDS_KEPT = 2**18
"""Words whose hashes are remembered: some 40 MB."""
_FULL_STOP = r"\.( |$)"
_RUN_TOGETHER = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}])"
"""Scripts without spaces between words: each character counts as one."""


@dataclass(frozen=True)
class Shingles:
    """Of text number i, with repetitions: `hashes[starts[i] : starts[i + 1]]`. A text without words has none."""

    hashes: Hashes
    starts: Hashes

    def of(self, number: int) -> Hashes:
        """The set of a text, sorted."""
        first, end = map(int, self.starts[number : number + 2])
        return np.unique(self.hashes[first:end])


def normalised(texts: pa.Array) -> pa.Array:
    """Without what typing the same text again may change: compatibility characters, case, white space."""
    plain = _single_spaced(pc.ascii_split_whitespace(pc.ascii_trim_whitespace(pc.ascii_lower(texts))))
    others = pc.match_substring_regex(texts, _NOT_PLAIN)
    if not pc.any(others).as_py():
        return plain
    lower = pc.utf8_lower(pc.utf8_normalize(texts.filter(others), form="NFKC"))
    return pc.replace_with_mask(plain, others, _single_spaced(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lower))))


def shingles(texts: pa.Array) -> Shingles:
    """Of texts in normal form."""
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        texts = pc.replace_substring_regex(texts, _RUN_TOGETHER, r" \1 ")
    for pattern in (_NOT_WORDS, _FULL_STOP):
        texts = pc.replace_substring_regex(texts, pattern, " ")
    words = pc.ascii_split_whitespace(pc.ascii_trim_whitespace(texts))  # other white space is none of a normal form
    starts = words.offsets.to_numpy().astype(np.int64)
    return _windows(_hashed(words.flatten()), starts - starts[0])


def jaccard(one: Hashes, other: Hashes) -> float:
    """Of two sets; 0 when both are empty."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(1, len(one) + len(other) - common)


def _single_spaced(words: pa.ListArray) -> pa.Array:
    return pc.binary_join(words, " ")


def _hashed(words: pa.Array) -> Hashes:
    distinct = words.dictionary_encode()
    hashes: Hashes = np.array([_hash(word) for word in distinct.dictionary.to_pylist()], np.uint64)
    found: Hashes = hashes[distinct.indices.to_numpy()]
    return found


@lru_cache(_WORDS_KEPT)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())


def _windows(words: Hashes, starts: Places) -> Shingles:
    """Every `SIZE` words in a row inside one text; all words of a text that has fewer."""
    lengths = np.diff(starts)
    whole = np.zeros(len(words), np.uint64)
    for offset, odd in enumerate(_ODD):
        whole[: max(0, len(words) - offset)] += words[offset:] * odd
    begins = words != _NO_WORD
    for offset in range(1, SIZE):  # a window that would begin with one of the last words ends in another text
        begins[(starts[1:] - offset)[lengths >= offset]] = False
    for text in np.flatnonzero((lengths < SIZE) & (lengths > 0)):
        first, end = starts[text : text + 2]
        whole[first] = np.sum(words[first:end] * np.array(_ODD[: end - first]), dtype=np.uint64)
        begins[first] = words[first] != _NO_WORD
    counts = np.add.reduceat(np.append(begins, False), np.minimum(starts[:-1], len(words)), dtype=np.int64)
    counts[lengths == 0] = 0
    return Shingles(whole[begins], np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64))


_NO_WORD = np.uint64(_hash(""))
"""What splitting makes of a text without words."""
_ODD = [np.uint64(_hash(chr(offset)) | 1) for offset in range(SIZE)]
"""One odd factor for each place in a shingle: the order of its words counts."""

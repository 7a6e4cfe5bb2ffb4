"""Texts as sets of word 5-grams, each a 64-bit hash that is the same on every machine. Whole columns at a time."""

import hashlib
from dataclasses import dataclass

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
    lower = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    return pc.binary_join(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lower)), " ")


def shingles(texts: pa.Array) -> Shingles:
    """Of texts in normal form."""
    for pattern, replacement in ((_RUN_TOGETHER, r" \1 "), (_NOT_WORDS, " "), (_FULL_STOP, " ")):
        texts = pc.replace_substring_regex(texts, pattern, replacement)
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts))
    starts = words.offsets.to_numpy().astype(np.int64)
    return _windows(_hashed(words.flatten()), starts - starts[0])


def jaccard(one: Hashes, other: Hashes) -> float:
    """Of two sets; 0 when both are empty."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(1, len(one) + len(other) - common)


def _hashed(words: pa.Array) -> Hashes:
    distinct = words.dictionary_encode()
    hashes: Hashes = np.array([_hash(word.encode()) for word in distinct.dictionary.to_pylist()], np.uint64)
    found: Hashes = hashes[distinct.indices.to_numpy()]
    return found


def _hash(word: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(word, digest_size=8).digest())


def _windows(words: Hashes, starts: Places) -> Shingles:
    """Every `SIZE` words in a row inside one text; all words of a text that has fewer."""
    lengths = np.diff(starts)
    text, first, ends = (np.repeat(column, lengths) for column in (np.arange(len(lengths)), starts[:-1], starts[1:]))
    place = np.arange(len(words))
    begins = ((place + SIZE <= ends) | (place == first)) & (words != _NO_WORD)
    place, ends = place[begins], ends[begins]
    padded = np.append(words, np.zeros(SIZE, np.uint64))
    hashes = np.zeros(len(place), np.uint64)
    for offset, odd in enumerate(_ODD):
        hashes += np.where(place + offset < ends, padded[place + offset] * odd, np.uint64(0))
    counts = np.bincount(text[begins], minlength=len(lengths))
    return Shingles(hashes, np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64))


_NO_WORD = np.uint64(_hash(b""))
"""What splitting makes of a text without words."""
_ODD = [np.uint64(_hash(bytes([offset])) | 1) for offset in range(SIZE)]
"""One odd factor for each place in a shingle: the order of its words counts."""

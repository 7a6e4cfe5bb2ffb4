"""Texts as sets of word 5-grams, each a 64-bit hash that is the same on every machine. Whole columns at a time."""

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
_SPACED = bytes(
    byte if byte > 127 or chr(byte).isalnum() or chr(byte) in "+-*/=<>^%$." else ord(" ") for byte in range(256)
)
"""Likewise of ASCII, byte for byte: that is faster."""
_NOT_PLAIN = r"[^\x00-\x1b -\x7f]"
"""Beyond ASCII, and the separators that are white space in Unicode but not in ASCII."""
_BLOCK = 8
MIX = np.uint64(0x9E3779B97F4A7C15)
_RUN_TOGETHER = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}])"
"""Scripts without spaces between words: each character counts as one."""


@dataclass(frozen=True)
class Shingles:
    """Of text number i, with repetitions: `hashes[starts[i] : starts[i + 1]]`. A text without words has none."""

    hashes: Hashes
    starts: Hashes

    def of(self, number: int) -> Hashes:
        """Return the set of a text, sorted."""
        first, end = map(int, self.starts[number : number + 2])
        return np.unique(self.hashes[first:end])


def normalised(texts: pa.Array) -> pa.Array:
    """Return texts without what typing the same text again may change: compatibility characters, case, white space."""
    plain = _single_spaced(pc.ascii_split_whitespace(pc.ascii_trim_whitespace(pc.ascii_lower(texts))))
    others = pc.match_substring_regex(texts, _NOT_PLAIN)
    if not pc.any(others).as_py():
        return plain
    lower = pc.utf8_lower(pc.utf8_normalize(texts.filter(others), form="NFKC"))
    return pc.replace_with_mask(plain, others, _single_spaced(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lower))))


def shingles(texts: pa.Array) -> Shingles:
    """Return the shingles of texts in normal form."""
    others = pc.invert(pc.string_is_ascii(texts))
    if pc.any(others).as_py():
        apart = pc.replace_substring_regex(texts.filter(others), _RUN_TOGETHER, r" \1 ")
        texts = pc.replace_with_mask(texts, others, pc.replace_substring_regex(apart, _NOT_WORDS, " "))
    bounds = np.concatenate([[0], np.cumsum(pc.binary_length(texts).to_numpy())])
    letters = np.frombuffer(_bytes_of(texts).translate(_SPACED) + bytes(_BLOCK), np.uint8)
    words, lengths = _words(letters[:-_BLOCK], bounds)
    return _windows(_hashed(letters, words, lengths), np.searchsorted(words, bounds))


def jaccard(one: Hashes, other: Hashes) -> float:
    """Return the Jaccard similarity of two sets, the size of their intersection over that of their union; 0 when both
    are empty.
    """
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(1, len(one) + len(other) - common)


def _single_spaced(words: pa.ListArray) -> pa.Array:
    return pc.binary_join(words, " ")


def _bytes_of(texts: pa.StringArray) -> bytes:
    _, offsets, data = texts.buffers()
    first, last = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
    return data[int(first) : int(last)].to_pybytes() if data else b""


def _words(letters: npt.NDArray[np.uint8], bounds: Places) -> tuple[Places, Places]:
    """Where words begin, and how long they are: what spaces and the bounds of texts part, without a full stop."""
    bound = np.zeros(len(letters) + 1, bool)
    bound[bounds] = True
    space = letters == ord(" ")
    within = ~space & ~((letters == ord(".")) & (np.append(space[1:], True) | bound[1:]))
    begins = np.flatnonzero(within & (np.append(True, ~within[:-1]) | bound[:-1]))
    ends = np.flatnonzero(within & (np.append(~within[1:], True) | bound[1:]))
    return begins, ends + 1 - begins


def _hashed(letters: npt.NDArray[np.uint8], words: Places, lengths: Places) -> Hashes:
    """A hash of each word, from its blocks of eight bytes. `letters` go on for a block behind the last word."""
    blocks = np.ndarray(len(letters) - _BLOCK + 1, "<u8", letters, strides=(1,))
    counts = (lengths + _BLOCK - 1) // _BLOCK
    first = np.cumsum(counts) - counts
    place = np.arange(counts.sum()) - np.repeat(first, counts)
    left = np.minimum(np.repeat(lengths, counts) - _BLOCK * place, _BLOCK)
    found = blocks[np.repeat(words, counts) + _BLOCK * place] & _FIRST_BYTES[left]
    sums: Hashes = np.add.reduceat(_mixed(found + place.astype(np.uint64) * MIX), first) if len(words) else found
    return _mixed(sums)


def _mixed(numbers: Hashes) -> Hashes:
    for _ in range(2):
        numbers = numbers * MIX
        numbers ^= numbers >> np.uint64(32)
    return numbers


def _windows(words: Hashes, starts: Places) -> Shingles:
    """Every `SIZE` words in a row inside one text; all words of a text that has fewer."""
    lengths = np.diff(starts)
    whole = np.zeros(len(words), np.uint64)
    for offset, odd in enumerate(_ODD):
        whole[: max(0, len(words) - offset)] += words[offset:] * odd
    begins = np.ones(len(words), bool)
    for offset in range(1, SIZE):  # a window that would begin with one of the last words ends in another text
        begins[(starts[1:] - offset)[lengths >= offset]] = False
    for text in np.flatnonzero((lengths < SIZE) & (lengths > 0)):
        first, end = starts[text : text + 2]
        whole[first] = np.sum(words[first:end] * np.array(_ODD[: end - first]), dtype=np.uint64)
        begins[first] = True
    counts = np.add.reduceat(np.append(begins, False), np.minimum(starts[:-1], len(words)), dtype=np.int64)
    counts[lengths == 0] = 0
    return Shingles(whole[begins], np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64))


_FIRST_BYTES = np.array([2 ** (8 * n) - 1 for n in range(_BLOCK + 1)], np.uint64)
_ODD = [number | np.uint64(1) for number in _mixed(np.arange(1, SIZE + 1, dtype=np.uint64))]
"""One odd factor for each place in a shingle: the order of its words counts."""

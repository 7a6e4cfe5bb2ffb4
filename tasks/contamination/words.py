"""The words of a text as it was written, each with its place: what can be compared, and what can be shown."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from tasks.questions.alike import NO_SPACES, WORD

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
"""Soft hyphens, joiners, marks of direction, variation selectors: dropped, since no reader sees them."""
_BREAKS = dict.fromkeys([*range(9), *range(14, 32), ord("$"), 127, 0xFFFD, *range(0xD800, 0xE000)], " ")
"""Control characters and what is no character: they end a word, as a space does. So does the dollar, which is money in
one copy and a mark of mathematics in another: `$5`, `5$`, `$5$`."""
_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u03b1\u03bf\u03c1",
    "abekmhopctyxsijaop",
)
"""Cyrillic and Greek letters that look like Latin ones, in either case: else a copy is disguised by a few of them."""
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
_PIECE = re.compile(rf"[\x00-\x7f]+(?![{_MARKS}])|[\u1100-\u11ff]+|.[{_MARKS}]*", re.DOTALL)
"""What is normalised in one go: a run of ASCII, of Hangul letters, or a character with its marks."""

UNIT = 12
"""What a word weighs."""
_SHARES = ((re.compile("[\u3400-\u9fff\uf900-\ufaff]"), 8), (re.compile("[\u3040-\u30ff]"), 6))
_LEAST_SHARE = 3
_RUN_TOGETHER = re.compile(f"[{NO_SPACES}]")


class PlacedWords(NamedTuple):
    words: list[str]
    """Without case, compatibility forms, punctuation and what cannot be seen."""
    starts: list[int]
    ends: list[int]
    """Half-open, in characters of the text."""


def placed_words(text: str) -> PlacedWords:
    """Return the words of `text`, in order."""
    folded, origin = _folded(text)
    found = [(match[0], match.start(), match.end()) for match in WORD.finditer(folded)]
    ends = [end if origin is None else origin[end - 1][1] for _, _, end in found]
    return PlacedWords(
        [word for word, _, _ in found],
        [start if origin is None else origin[start][0] for _, start, _ in found],
        ends,
    )


def plain_words(text: str) -> list[str]:
    """Return the words of a text, as `placed_words` finds them, without their places, which is faster."""
    return WORD.findall(_folded(text)[0])


def weights(words: Sequence[str]) -> list[int]:
    """Return how much each says, in parts of `UNIT`. Where words run together a character stands for one, and says
    less: a Han character two thirds, kana half, one of Thai, Lao or Khmer a quarter of what a word does. Else a proper
    name would be as long as a sentence: Bangkok is 13 characters.
    """
    return [_weight(word) if len(word) == 1 and _RUN_TOGETHER.match(word) else UNIT for word in words]


def _weight(character: str) -> int:
    return next((share for script, share in _SHARES if script.match(character)), _LEAST_SHARE)


def _folded(text: str) -> tuple[str, list[tuple[int, int]] | None]:
    """The text as it is compared, and for each of its characters where it came from; None: from its own place."""
    if text.isascii():
        return text.lower().translate(_BREAKS), None
    pieces: list[str] = []
    origin: list[tuple[int, int]] = []
    for match in _PIECE.finditer(text):
        piece, start, end = match[0], match.start(), match.end()
        if piece.isascii():
            pieces.append(piece.lower().translate(_BREAKS))
            origin.extend((at, at + 1) for at in range(start, end))
        elif not _INVISIBLE.match(piece):
            plain = unicodedata.normalize("NFKC", piece).casefold().translate(_BREAKS).translate(_ALIKE)
            pieces.append(plain)
            origin.extend([(start, end)] * len(plain))
    return "".join(pieces), origin

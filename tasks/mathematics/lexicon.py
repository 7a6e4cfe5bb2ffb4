"""Which English words name things that are counted, by a lexicon that ships inside a package.

lemminflect knows the parts of speech and the forms of 120,000 words, from the SPECIALIST lexicon of the US National
Library of Medicine. Its version is part of a verifier's version.
"""

from functools import lru_cache

from tasks.mathematics.spelt import spelt

_INVARIANT = "people sheep fish deer moose elk bison trout salmon shrimp squid aircraft series species"
_UNCHANGED = frozenset(_INVARIANT.split())
"""Nouns whose plural is their singular: the lexicon does not tell them from those that have no plural, as `south`."""


@lru_cache(50_000)
def counts_things(word: str) -> bool:
    """Decide whether `word`, in lower case, is a plural noun: `eggs`, `people`, `sheep`, but not `loss` or `south`.

    Words for numbers (`pairs`, `dozens`, `halves`, `elevenths`) are not: they change the value before them.
    """
    nouns, singular = _lemmas(word).get("NOUN", ()), singular_of(word, "")
    if not singular or names_number(word) or names_number(singular):
        return False
    if singular in nouns:
        return True
    return not nouns and ("NOUN" in _lemmas(singular) or _is_compound(singular))


@lru_cache(50_000)
def singular_of(word: str, otherwise: str | None = None) -> str:
    """Give the singular of a noun in the plural; `otherwise`, or the word itself, where no lexicon has one."""
    if word in _UNCHANGED:
        return word
    nouns = _lemmas(word).get("NOUN", ())
    singular = next((noun for noun in nouns if noun != word), None)
    if not singular and not nouns and word.endswith("s"):
        from lemminflect import getAllLemmasOOV

        lemmas: dict[str, tuple[str, ...]] = getAllLemmasOOV(word, "NOUN")
        singular = next(iter(lemmas.get("NOUN", ())), None)
    return singular or (word if otherwise is None else otherwise)


@lru_cache(50_000)
def is_one_thing(word: str) -> bool:
    """Decide whether `word` is a noun in the singular that describes no number: `egg`, but not `negative`."""
    found = _lemmas(word)
    return "NOUN" in found and not found.keys() & {"ADJ", "ADV"} and not counts_things(word) and not names_number(word)


@lru_cache(50_000)
def describes_things(word: str) -> bool:
    """Decide whether `word` may stand between a number and its noun without changing the number.

    Adjectives, nouns and participles may (`yellow`, `chocolate`, `missing`); comparatives (`fewer`) and words for
    numbers (`hundred`, `third`) may not.
    """
    if names_number(word):
        return False
    found = _lemmas(word)
    participle = word.endswith(("ing", "ed")) and "VERB" in found
    return participle or ("ADV" not in found and any(word in found.get(part, ()) for part in ("ADJ", "NOUN")))


@lru_cache(50_000)
def may_be_noun(word: str) -> bool:
    """Decide whether a lexicon has `word` as a noun, and not as an adverb too, or does not have it at all."""
    found = _lemmas(word)
    return not found or ("NOUN" in found and "ADV" not in found)


@lru_cache(50_000)
def is_word(word: str) -> bool:
    """Decide whether a lexicon of English has `word`, in any case."""
    return bool(_lemmas(word.lower()))


@lru_cache(50_000)
def names_number(word: str) -> bool:
    """Decide whether `word` is a cardinal, an ordinal, a fraction or a word such as `pair` or `percentage`: part of a
    number.
    """
    from text_to_num import alpha2digit

    if spelt(word) is not None:
        return True
    if word.startswith("percent"):
        return True
    return any(alpha2digit(part, "en", 0) != part for part in {word, word.removesuffix("s")})


def _is_compound(word: str) -> bool:
    """Two known words written as one, the second a noun: `jellybean`, `situp`."""
    cuts = range(3, len(word) - 1)
    parts = ((word[:cut], word[cut:]) for cut in cuts)
    return any(_lemmas(first) and "NOUN" in _lemmas(second) and not names_number(second) for first, second in parts)


def _lemmas(word: str) -> dict[str, tuple[str, ...]]:
    from lemminflect import getAllLemmas

    lemmas: dict[str, tuple[str, ...]] = getAllLemmas(word)
    return lemmas

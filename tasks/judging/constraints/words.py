"""Instructions on words and letters: keywords, how often, how many, in which case and in which language."""

import re
from typing import Annotated

from pydantic import Field

from tasks.judging.constraints.instruction import Count, Found, Instruction, Phrase, Relation, exactly, related
from tasks.judging.constraints.language import may_be, speaks
from tasks.judging.constraints.sentences import count_sentences

_WORD = re.compile(r"\w+")
_CAPITALISED = re.compile(r"\w+(?:[-'\u2019.&]\w+)*")
"""A word with its hyphens and apostrophes: `DON'T` and `STATE-OF-THE-ART` are one each."""


class Existence(Instruction):
    """Every keyword occurs, in any case, also inside a longer word."""

    keywords: Annotated[tuple[Phrase, ...], Field(min_length=1)]

    def check(self, text: str) -> Found:
        missing = [keyword for keyword in self.keywords if keyword.lower() not in text.lower()]
        return Found(not missing, f"without {', '.join(map(repr, missing))}")


class ForbiddenWords(Instruction):
    """None of the words occurs as a whole word, in any case."""

    forbidden_words: Annotated[tuple[Phrase, ...], Field(min_length=1)]

    def check(self, text: str) -> Found:
        used = [
            word for word in self.forbidden_words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        ]
        return Found(not used, f"with {', '.join(map(repr, used))}")


class KeywordFrequency(Instruction):
    """Occurrences of the keyword in any case, also inside longer words, none overlapping."""

    keyword: Phrase
    frequency: Count
    relation: Relation

    def check(self, text: str) -> Found:
        return related(f"{self.keyword!r}", text.lower().count(self.keyword.lower()), self.relation, self.frequency)


class LetterFrequency(Instruction):
    """Occurrences of one character, in either case; the published prompts also ask for `#` and `!`."""

    letter: Annotated[str, Field(min_length=1, max_length=1)]
    let_frequency: Count
    let_relation: Relation

    def check(self, text: str) -> Found:
        found = text.lower().count(self.letter.lower())
        return related(f"{self.letter!r}", found, self.let_relation, self.let_frequency)


class NumberOfWords(Instruction):
    r"""Words are runs of `\w`: `don't` is two, as published."""

    num_words: Count
    relation: Relation

    def check(self, text: str) -> Found:
        return related("words", sum(1 for _ in _WORD.finditer(text)), self.relation, self.num_words)


class NumberOfSentences(Instruction):
    num_sentences: Count
    relation: Relation

    def check(self, text: str) -> Found:
        return related("sentences", count_sentences(text), self.relation, self.num_sentences)


class CapitalWordFrequency(Instruction):
    """Words all in capitals, `I` among them. A contraction is one word; the published tokenizer makes two of it."""

    capital_frequency: Count
    capital_relation: Relation

    def check(self, text: str) -> Found:
        found = sum(word[0].isupper() for word in _CAPITALISED.finditer(text))
        return related("words in capitals", found, self.capital_relation, self.capital_frequency)


class EnglishCapital(Instruction):
    """Capitals only, and English; where the language cannot be told it counts as English, as published."""

    def check(self, text: str) -> Found:
        if not text.isupper():
            return Found(False, "not all in capitals")
        return Found(may_be(text, "en"), "not in English")


class EnglishLowercase(Instruction):
    """Likewise, without capitals."""

    def check(self, text: str) -> Found:
        if not text.islower():
            return Found(False, "not all in lower case")
        return Found(may_be(text, "en"), "not in English")


class ResponseLanguage(Instruction):
    language: Annotated[str, Field(pattern="^[a-z]{2}(-[a-z]{2})?$")]
    """ISO 639-1, or `zh-cn` and `zh-tw`, which are not told apart."""

    def check(self, text: str) -> Found:
        followed = speaks(text, self.language)
        return Found(followed, f"{'perhaps ' if followed is None else ''}not in {self.language!r}")


class NoComma(Instruction):
    """No `,`; commas of other scripts are allowed, as published."""

    def check(self, text: str) -> Found:
        return exactly("commas", text.count(","), 0)

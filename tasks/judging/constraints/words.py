"""Instructions on words and letters: keywords, how often, how many, in which case and in which language."""

import re
from typing import Annotated

import regex
from pydantic import Field, StringConstraints

from tasks.judging.constraints.instruction import Count, Found, Instruction, Pattern, Relation, exactly, related
from tasks.judging.constraints.language import may_be, speaks
from tasks.judging.constraints.text import count_sentences, tokens, words

_OTHER_SCRIPT = regex.compile(r"[^\P{L}\p{Latin}]")


class Existence(Instruction, id="keywords:existence"):
    """Every keyword is found, also inside a longer word."""

    keywords: Annotated[tuple[Pattern, ...], Field(min_length=1)]

    def check(self, text: str) -> Found:
        missing = [keyword for keyword in self.keywords if not re.search(keyword, text, re.IGNORECASE)]
        return Found(not missing, f"without {', '.join(map(repr, missing))}")

    def patterns(self) -> tuple[str, ...]:
        return self.keywords


class ForbiddenWords(Instruction, id="keywords:forbidden_words"):
    r"""None of the words is found between two `\b`."""

    forbidden_words: Annotated[tuple[Pattern, ...], Field(min_length=1)]

    def check(self, text: str) -> Found:
        used = [word for word in self.forbidden_words if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
        return Found(not used, f"with {', '.join(map(repr, used))}")

    def patterns(self) -> tuple[str, ...]:
        return self.forbidden_words


class KeywordFrequency(Instruction, id="keywords:frequency"):
    """Where the keyword is found, also inside longer words, none overlapping."""

    keyword: Annotated[Pattern, StringConstraints(strip_whitespace=True, min_length=1)]
    frequency: Count
    relation: Relation

    def check(self, text: str) -> Found:
        found = occurrences(self.keyword, text)
        return related(f"{self.keyword!r}", found, self.relation, self.frequency)

    def patterns(self) -> tuple[str, ...]:
        return (self.keyword,)


class LetterFrequency(Instruction, id="keywords:letter_frequency"):
    """Occurrences of one character, in either case; the published prompts also ask for `#` and `!`."""

    letter: Annotated[str, Field(min_length=1, max_length=1)]
    let_frequency: Count
    let_relation: Relation

    def check(self, text: str) -> Found:
        found = text.lower().count(self.letter.lower())
        return related(f"{self.letter!r}", found, self.let_relation, self.let_frequency)


class NumberOfWords(Instruction, id="length_constraints:number_words"):
    r"""Words are runs of `\w`: `don't` is two, as published."""

    num_words: Count
    relation: Relation

    def check(self, text: str) -> Found:
        return related("words", len(words(text)), self.relation, self.num_words)


class NumberOfSentences(Instruction, id="length_constraints:number_sentences"):
    num_sentences: Count
    relation: Relation

    def check(self, text: str) -> Found:
        published, other = (
            related("sentences", count, self.relation, self.num_sentences) for count in count_sentences(text)
        )
        return published if published.followed is other.followed else Found(None, f"perhaps {other.what}")


class CapitalWordFrequency(Instruction, id="change_case:capital_word_frequency"):
    """Tokens all in capitals, `I` among them. A hyphenated word is one, a contraction two, as published."""

    capital_frequency: Count
    capital_relation: Relation

    def check(self, text: str) -> Found:
        found = sum(map(str.isupper, tokens(text)))
        return related("words in capitals", found, self.capital_relation, self.capital_frequency)


class EnglishCapital(Instruction, id="change_case:english_capital"):
    """Capitals only, and English; where the language cannot be told it counts as English, as published.

    Another language in Latin capitals is left open: the published detector takes French for English then, or German.
    """

    def check(self, text: str) -> Found:
        if not text.isupper():
            return Found(False, "not all in capitals")
        if may_be(text, "en"):
            return Found(True, "")
        return Found(False if _OTHER_SCRIPT.search(text) else None, "not in English")


class EnglishLowercase(Instruction, id="change_case:english_lowercase"):
    """English, without capitals."""

    def check(self, text: str) -> Found:
        if not text.islower():
            return Found(False, "not all in lower case")
        return Found(may_be(text, "en"), "not in English")


class ResponseLanguage(Instruction, id="language:response_language"):
    language: Annotated[str, Field(pattern="^[a-z]{2}(-[a-z]{2})?$")]
    """ISO 639-1, or `zh-cn` and `zh-tw`, which are not told apart."""

    def check(self, text: str) -> Found:
        followed = speaks(text, self.language)
        return Found(followed, f"{'perhaps ' if followed is None else ''}not in {self.language!r}")


class NoComma(Instruction, id="punctuation:no_comma"):
    """No `,`; commas of other scripts are allowed, as published."""

    def check(self, text: str) -> Found:
        return exactly("commas", text.count(","), 0)


def occurrences(keyword: str, text: str) -> int:
    """Count where a keyword is found in any case, also inside longer words, none overlapping."""
    return sum(1 for _ in re.finditer(keyword, text, re.IGNORECASE))

"""The 29 instructions that IFBench's authors train on beside IFEval's own (allenai, open-instruct, `IFEvalG`): rows of
IF-RLVR and of NeMo Gym have both.

What the published checker says is said, but for where its prompt says another thing: there the verdict is left open.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from tasks.judging.constraints.form import DIVIDER, NumberOfParagraphs, count_paragraphs
from tasks.judging.constraints.instruction import (
    Count,
    Found,
    Instruction,
    Pattern,
    Phrase,
    Position,
    Relation,
    Text,
    exactly,
    related,
)
from tasks.judging.constraints.text import sentences, tokens, words
from tasks.judging.constraints.words import KeywordFrequency, LetterFrequency, occurrences

_MARKED = re.compile(r"(?<=[.?!])(?![.?!])\s*")
_LETTER = re.compile("[a-zA-Z]")
_LOWERCASE = re.compile(r"\b[a-z]+\b")
_JOINT = re.compile(r"[-\n]")
_MARK = re.compile(r"[^\w\s]")


def _first_of(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


Word = Annotated[Phrase, BeforeValidator(_first_of)]
"""Some published rows hold it in a list."""
Keyword = Annotated[Pattern, StringConstraints(strip_whitespace=True, min_length=1)]


class WordOnce(Instruction, id="keywords:word_once"):
    """A word found once, also inside a longer one."""

    keyword: Keyword

    def check(self, text: str) -> Found:
        return exactly(f"{self.keyword!r}", occurrences(self.keyword, text), 1)

    def patterns(self) -> tuple[str, ...]:
        return (self.keyword,)


class WordCountDifferentNumbers(KeywordFrequency, id="keywords:word_count_different_numbers"):
    """The prompt names the number alone, without the relation."""

    def check(self, text: str) -> Found:
        found, times = super().check(text), occurrences(self.keyword, text)
        return Found(_agreed(bool(found.followed), times == self.frequency), found.what)


class ExcludeWordHarder(Instruction, id="keywords:exclude_word_harder"):
    """A word not between two spaces; nor beside a mark or a line end, says the prompt."""

    keyword: Phrase

    def check(self, text: str) -> Found:
        within = re.search(rf"(?<!\w){re.escape(self.keyword)}(?!\w)", text)
        return Found(_agreed(f" {self.keyword} " not in text, within is None), f"with {self.keyword!r}")


class CountIncrementWord(Instruction, id="count:count_increment_word"):
    """One word found once and the other twice, also inside longer words."""

    keyword1: Keyword
    keyword2: Keyword

    def check(self, text: str) -> Found:
        found = [occurrences(keyword, text) for keyword in self.patterns()]
        return Found(found == [1, 2], f"{found}, not [1, 2]")

    def patterns(self) -> tuple[str, ...]:
        return self.keyword1, self.keyword2


class CopySimple(Instruction, id="copy:copying_simple"):
    """The prompt in any case and nothing else."""

    prompt_to_repeat: Text

    def check(self, text: str) -> Found:
        return Found(_plain(text) == _plain(self.prompt_to_repeat), "not the prompt alone")


class Copy(CopySimple, id="copy:copy"):
    """The prompt in any case and nothing else, under another name."""


class CopyMultiple(CopySimple, id="copy:copying_multiple"):
    """The prompt in any case so many times, parted by `******`, and nothing else."""

    N: Position

    def check(self, text: str) -> Found:
        copies = list(map(_plain, text.split("******")))
        return Found(copies == [_plain(self.prompt_to_repeat)] * self.N, f"not the prompt {self.N} times")


class CopySpan(CopySimple, id="new:copy_span_idx"):
    """The characters of the prompt from one to the other, which the prompt includes and the checker does not."""

    n_start: Count
    n_end: Count

    def check(self, text: str) -> Found:
        spans = (_plain(self.prompt_to_repeat[self.n_start : self.n_end + more]) for more in (0, 1))
        return Found(_agreed(*(_plain(text) == span for span in spans)), "not those characters")


class RepeatPhrase(Instruction, id="copy:repeat_phrase"):
    """Whatever lies between its first and its last word is the phrase but for one word, so many times."""

    phrase: Phrase
    small_n: Count

    def check(self, text: str) -> Found:
        wanted = self.phrase.split()
        found = [part.split() for part in re.findall(rf"{re.escape(wanted[0])} .*? {re.escape(wanted[-1])}", text)]
        changed = [
            len(one) == len(wanted) and sum(a != b for a, b in zip(one, wanted, strict=True)) == 1 for one in found
        ]
        return Found(len(found) == self.small_n and all(changed), f"{sum(changed)} of {len(found)} with another word")


class SentenceHyphens(Instruction, id="detectable_format:sentence_hyphens"):
    """Hyphens part sentences without spaces around them, and nothing else."""

    def check(self, text: str) -> Found:
        parts = text.split("-")
        followed = _by_either(
            _JOINT.sub(" ", text), lambda found: all(a == b for a, b in zip(parts, found, strict=False))
        )
        return Found(followed, "sentences that no hyphen joins")


class NoAdjacentConsecutive(Instruction, id="keywords:no_adjacent_consecutive"):
    """No word begins with the letter after that of the word before it, in any case."""

    def check(self, text: str) -> Found:
        firsts = [word[0].lower() for word in text.split()]
        near = [one + other for one, other in pairwise(firsts) if len(one + other) != 2 or ord(other) - ord(one) == 1]
        return Found(not near, f"{near[:1]}")


class SquareBrackets(Instruction, id="detectable_format:square_brackets"):
    def check(self, text: str) -> Found:
        bare = [word for word in text.split() if not (word.startswith("[") and word.endswith("]"))]
        return Found(not bare, f"{bare[:1]} without brackets")


class BigramWrapping(Instruction, id="detectable_format:bigram_wrapping"):
    """Every other word begins with `<<`, and the next ends with `>>`; a last one alone may stand bare."""

    def check(self, text: str) -> Found:
        found = text.split()
        pairs = zip(found[::2], found[1::2], strict=False)
        return Found(all(one.startswith("<<") and two.endswith(">>") for one, two in pairs), "two words without << >>")


class Paragraphs(NumberOfParagraphs, id="paragraphs:paragraphs"):
    """Two paragraphs, parted by `***`."""

    num_paragraphs: Count = 2


class Paragraphs2(Instruction, id="paragraphs:paragraphs2"):
    """Two paragraphs, parted by an empty line."""

    def check(self, text: str) -> Found:
        return count_paragraphs(text.split("\n\n"), 2)


class FirstWordAnswer(Instruction, id="first_word:first_word_answer"):
    """The first word of the answer, in any case; with a mark at it, it is that word for the prompt alone."""

    first_word: Word

    def check(self, text: str) -> Found:
        first, word = text.split()[0], self.first_word.lower()
        return Found(_agreed(first.lower() == word, _bare(first) == word), f"{first!r} begins it")


class FirstWordSentence(FirstWordAnswer, id="first_word:first_word_sent"):
    """The first word of each sentence, in any case."""

    def check(self, text: str) -> Found:
        word = self.first_word.lower()
        followed = (_by_either(text, partial(_all_begin, word, spell)) for spell in (str.lower, _bare))
        return Found(_agreed(*followed), f"a sentence does not begin with {word!r}")


class LastWordAnswer(Instruction, id="last_word:last_word_answer"):
    """The last word of the answer, in any case, whatever marks stand in it."""

    last_word: Word

    def check(self, text: str) -> Found:
        last = text.split()[-1]
        return Found(_bare(last) == self.last_word.lower(), f"{last!r} ends it")


class LastWordSentence(LastWordAnswer, id="last_word:last_word_sent"):
    """The last word of each sentence, in any case."""

    def check(self, text: str) -> Found:
        word = self.last_word.lower()
        followed = _by_either(text, lambda found: all(_bare(part.split()[-1]) == word for part in found))
        return Found(followed, f"a sentence does not end with {word!r}")


class NoDot(Instruction, id="punctuation:punctuation_dot"):
    def check(self, text: str) -> Found:
        return exactly("dots", text.count("."), 0)


class NoExclamation(Instruction, id="punctuation:punctuation_exclamation"):
    def check(self, text: str) -> Found:
        return exactly("exclamation marks", text.count("!"), 0)


class LowercaseCounting(Instruction, id="count:lowercase_counting"):
    """Words of small letters, `n't` and `t` among them, are at most so many."""

    N: Count

    def check(self, text: str) -> Found:
        return related("words in lower case", len(_LOWERCASE.findall(text)), Relation.LESS_THAN, self.N + 1)


class LetterCounting(Instruction, id="letters:letter_counting"):
    N: Count
    relation: Relation

    def check(self, text: str) -> Found:
        return related("letters", len(_LETTER.findall(text)), self.relation, self.N)


class LetterCounting2(LetterFrequency, id="letters:letter_counting2"):
    """As `keywords:letter_frequency`."""


class CountingComposition(Instruction, id="count:counting_composition"):
    """Three paragraphs parted by `***`, of so many sentences with so many words each; marks are words for the checker,
    and none for the prompt.
    """

    n_sent: Count
    n_words: Count

    def check(self, text: str) -> Found:
        parts = DIVIDER.split(text)
        if not (found := count_paragraphs(parts, 3)).followed:
            return found
        sound = (_by_either(part, partial(self._composed, count)) for part in parts for count in (tokens, words))
        return Found(_agreed(*sound), f"not {self.n_sent} sentences of {self.n_words} words each")

    def _composed(self, count: Callable[[str], Sequence[str]], found: Sequence[str]) -> bool:
        return len(found) == self.n_sent and all(len(count(part)) == self.n_words for part in found)


class CountUnique(Instruction, id="count:count_unique"):
    """No token twice, capitals apart; for the prompt marks are no words."""

    def check(self, text: str) -> Found:
        return Found(_agreed(_unique(tokens(text)), _unique(words(text))), "a word or a mark twice")


class Palindrome(Instruction, id="keywords:palindrome"):
    """A word that is the same backwards; one character alone is one for the checker."""

    def check(self, text: str) -> Found:
        found = [word for word in text.split() if word == word[::-1]]
        return Found(_agreed(bool(found), any(len(word) > 1 for word in found)), "no palindrome")


class KeywordSpecificPosition(Instruction, id="keywords:keyword_specific_position"):
    """The nth sentence has the word as its mth token."""

    keyword: Word
    n: Position
    m: Position

    def check(self, text: str) -> Found:
        followed = _by_either(
            text, lambda found: list(tokens("".join(found[self.n - 1 : self.n])))[self.m - 1 : self.m] == [self.keyword]
        )
        return Found(followed, f"not {self.keyword!r} there")


class StartEnd(Instruction, id="keywords:start_end"):
    """The first token and the last are the same, in any case."""

    def check(self, text: str) -> Found:
        found = [token.lower() for token in tokens(text)]
        return Found(len(found) > 1 and found[0] == found[-1], f"{found[0]!r} and {found[-1]!r}")


def _agreed(*sides: bool | None) -> bool | None:
    """What all sides say; None where they differ."""
    first, *others = sides
    return first if all(other is first for other in others) else None


def _by_either(text: str, holds: Callable[[Sequence[str]], bool]) -> bool | None:
    """Whether it holds of the sentences: the checker has rules of its own for them, with which Punkt and every mark
    agree where these two do.
    """
    marked = [part for part in _MARKED.split(text) if part.strip()]
    return _agreed(holds(sentences(text)), holds(marked))


def _all_begin(word: str, spell: Callable[[str], str], found: Sequence[str]) -> bool:
    return all(spell(part.split()[0]) == word for part in found)


def _unique(found: Sequence[str]) -> bool:
    return len(found) == len(set(found))


def _plain(text: str) -> str:
    return text.strip().lower()


def _bare(word: str) -> str:
    return _MARK.sub("", word).lower()

"""Instructions of IFBench that count, and those on ratios: `count:…` and `ratio:…`."""

import re
from itertools import islice
from typing import Annotated

from pydantic import Field

from tasks.judging.constraints.instruction import (
    Count,
    Found,
    Instruction,
    Phrase,
    Position,
    at_least,
    exactly,
)
from tasks.judging.constraints.text import bare, listed, sentences, tokens, unpunctuated, words

CONJUNCTIONS = frozenset(listed("and but for nor or so yet"))
PERSON_NAMES = listed(
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin "
    "Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria "
    "Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella "
    "Jonathan"
)
PRONOUNS = frozenset(
    listed(
        "i me we us you he him she her it they them "
        "my mine our ours your yours his hers its their theirs "
        "myself ourselves yourself yourselves himself herself itself themselves "
        "this that these those who whom whose which what whoever whomever whatever whichever "
        "anybody anyone anything everybody everyone everything nobody nothing somebody someone something "
        "each either neither both all some any none"
    )
)
STOP_WORDS = frozenset(
    listed(
        "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers "
        "herself it its itself they them their theirs themselves what which who whom this that these those "
        "am is are was were be been being have has had having do does did doing will just should now can "
        "a an the and but if or because as until while of at by for with about against between into through during "
        "before after above below to from up down in out on off over under again further then once here there when "
        "where why how all any both each few more most other some such no nor not only own same so than too very "
        "s t d ll m o re ve y ma don ain aren couldn didn doesn hadn hasn haven isn mightn mustn needn shan shouldn "
        "wasn weren won wouldn"
    )
)
"""NLTK's English ones, without those that have an apostrophe, which no word has here."""
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
OVERLAP_TOLERANCE = 2
TIMES = (1, 2, 3, 5, 7)


class WordCountRange(Instruction, id="count:word_count_range"):
    min_words: Count
    max_words: Count

    def check(self, text: str) -> Found:
        found = len(words(text))
        return Found(
            self.min_words <= found <= self.max_words, f"{found} words, not {self.min_words} to {self.max_words}"
        )


class UniqueWordCount(Instruction, id="count:unique_word_count"):
    """Words are parted by white space, and compared in lower case without the punctuation around them."""

    N: Count

    def check(self, text: str) -> Found:
        return at_least("different words", len(set(map(bare, text.lower().split()))), self.N)


class StopWords(Instruction, id="ratio:stop_words"):
    """The share of stop words among all words, in percent."""

    percentage: Annotated[float, Field(ge=0, allow_inf_nan=False)]

    def check(self, text: str) -> Found:
        found = words(text)
        if not found:
            return Found(False, "no words")
        share = sum(word.lower() in STOP_WORDS for word in found) / len(found) * 100
        return Found(share <= self.percentage, f"{share:.1f} % stop words, not at most {self.percentage:g} %")


class SentenceType(Instruction, id="ratio:sentence_type"):
    """Twice as many sentences end with `.` as with `?`."""

    def check(self, text: str) -> Found:
        stated, asked, _ = _by_end(text)
        return Found(stated == 2 * asked, f"{stated} statements and {asked} questions, not 2 to 1")


class SentenceBalance(Instruction, id="ratio:sentence_balance"):
    """As many sentences end with `.` as with `?` and with `!`."""

    def check(self, text: str) -> Found:
        stated, asked, called = _by_end(text)
        return Found(stated == asked == called, f"{stated} statements, {asked} questions and {called} exclamations")


class SentenceWords(Instruction, id="ratio:sentence_words"):
    """Three sentences of as many characters. That the words differ is asked, but not checked, as published."""

    def check(self, text: str) -> Found:
        lengths = [len(sentence.strip()) for sentence in sentences(text)]
        sound = len(lengths) == 3 and len(set(lengths)) == 1
        return Found(sound, f"sentences of {lengths[:4]} characters, not three of as many")


class Conjunctions(Instruction, id="count:conjunctions"):
    """Coordinating ones; `And` and `and,` are different ones, as published."""

    small_n: Count

    def check(self, text: str) -> Found:
        found = {word for word in text.split() if bare(word).lower() in CONJUNCTIONS}
        return at_least("different conjunctions", len(found), self.small_n)


class PersonNames(Instruction, id="count:person_names"):
    """Different ones of `PERSON_NAMES`, as whole words; the case counts."""

    N: Count

    def check(self, text: str) -> Found:
        found = sum(re.search(rf"\b{name}\b", text) is not None for name in PERSON_NAMES)
        return at_least("different names of the list", found, self.N)


class Overlap(Instruction, id="ratio:overlap"):
    """The share of the different trigrams of characters that the reference has, too, in percent, give or take 2."""

    reference_text: str
    percentage: Annotated[float, Field(ge=0, allow_inf_nan=False)]

    def check(self, text: str) -> Found:
        found = _trigrams(text)
        if not found:
            return Found(False, "no trigrams")
        share = len(found & _trigrams(self.reference_text)) / len(found) * 100
        sound = self.percentage - OVERLAP_TOLERANCE <= share <= self.percentage + OVERLAP_TOLERANCE
        return Found(sound, f"{share:.1f} % of the trigrams are the reference's, not {self.percentage:g} %")


class Numbers(Instruction, id="count:numbers"):
    """Runs of digits once ASCII punctuation is taken out: `1,000.5` is one."""

    N: Count

    def check(self, text: str) -> Found:
        return exactly("numbers", sum(1 for _ in re.finditer(r"\d+", unpunctuated(text))), self.N)


class Punctuation(Instruction, id="count:punctuation"):
    """`.`, `,`, `!`, `?`, `;` and `:`, beside one `?!`, `!?` or interrobang."""

    def check(self, text: str) -> Found:
        if not any(mark in text for mark in ("!?", "?!", "\u203d")):
            return Found(False, "without an interrobang")
        mark = "?!" if "?!" in text else "!?"
        missing = [one for one in ".,!?;:" if one not in text.replace(mark, "", 1)]
        return Found(not missing, f"without {' '.join(missing)}")


class WordsJapanese(Instruction, id="count:words_japanese"):
    """Every Nth word has a kana or a kanji, unless it is a number or punctuation."""

    N: Position

    def check(self, text: str) -> Found:
        chosen = map(bare, islice(text.split(), self.N - 1, None, self.N))
        other = [word for word in chosen if word and not word.isdigit() and not JAPANESE.search(word)]
        return Found(not other, f"not in Japanese: {', '.join(map(repr, other[:3]))}")


class Pronouns(Instruction, id="count:pronouns"):
    N: Count

    def check(self, text: str) -> Found:
        found = sum(token in PRONOUNS for token in tokens(text.replace("/", " ").lower()))
        return at_least("pronouns", found, self.N)


class KeywordsMultiple(Instruction, id="count:keywords_multiple"):
    """Occurrences of each in any case, also inside longer words, none overlapping: once, 2, 3, 5 and 7 times."""

    keyword1: Phrase
    keyword2: Phrase
    keyword3: Phrase
    keyword4: Phrase
    keyword5: Phrase

    def check(self, text: str) -> Found:
        keywords = (self.keyword1, self.keyword2, self.keyword3, self.keyword4, self.keyword5)
        found = [text.lower().count(keyword.lower()) for keyword in keywords]
        wrong = [f"{keywords[i]!r} {found[i]} times, not {TIMES[i]}" for i in range(5) if found[i] != TIMES[i]]
        return Found(not wrong, ", ".join(wrong))


def _by_end(text: str) -> tuple[int, int, int]:
    """How many sentences end with `.`, `?` and `!`."""
    ends = [sentence[-1:] for sentence in sentences(text)]
    return ends.count("."), ends.count("?"), ends.count("!")


def _trigrams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}

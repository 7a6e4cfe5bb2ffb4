"""Instructions of IFBench on words and on sentences: `words:…` and `sentence:…`."""

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from tasks.judging.constraints.instruction import (
    Count,
    Found,
    Instruction,
    Phrase,
    Position,
    Text,
    at_least,
    exactly,
)
from tasks.judging.constraints.text import EDGES, bare, listed, sentences, tokens, unpunctuated

ALPHABET = string.ascii_lowercase
CLUSTER = re.compile("[b-df-hj-np-tv-z]{2}")
PALINDROMES = 10
PRIMES = frozenset(n for n in range(2, 100) if all(n % divisor for divisor in range(2, n)))
"""A word of more characters has none of these lengths, as published."""
VERBS = frozenset(
    listed(
        "replace ensure establish reduce succeed be disclose acquire obtain "
        "totaled went took came said were gave was fell did surged rose grew wrote became began "
        "expects represents faces is has says adds goes appears believes gives sells intends comes seems provides "
        "includes takes follows requires continues makes reflects holds succeeds owns gets wants does carries "
        "talking involving ending representing adding becoming falling looking going acquiring according considering "
        "paying being using trying producing keeping seeking According creating helping allowing having citing putting "
        "giving pushing including doing reflecting calling declining getting "
        "been begun shown given written gone taken done priced seen based compared am are"
    )
)
OTHERS = frozenset(
    listed(
        "The A An This Some Those the a an this these those any each every another "
        "I It He She We They You it he she they them you me us him himself itself themselves "
        "my your his its our their His Its Our would shall must can may might could should will "
        "In On At By For From With Under Until Among Against If Although Since During Of Into Within After Unless "
        "Because Despite While Throughout in on of for if than until under after by despite against among between "
        "without since with at via beyond toward within unlike although whether "
        "When Where Why how why when where And But Or and but or nor There To to What what who whom which whose "
        "Also Here Indeed Instead Then However Still Perhaps Not Now Moreover Meanwhile Previously Two `` '' ( { # "
        "$ - -- ... : ; , . ! ?"
    )
)


class Alphabet(Instruction, id="words:alphabet"):
    """Each word begins with the letter after that of the word before it, `a` after `z`."""

    def check(self, text: str) -> Found:
        text = unpunctuated(text).lstrip()
        if not text or text[0].lower() not in ALPHABET:
            return Found(False, "no letter at the beginning")
        start = ALPHABET.index(text[0].lower())
        firsts = [word[0] for word in text.lower().split()]
        wrong = next((i for i, first in enumerate(firsts) if first != ALPHABET[(start + i) % 26]), None)
        return Found(wrong is None, f"word {(wrong or 0) + 1} begins with {firsts[wrong or 0]!r}")


class Vowel(Instruction, id="words:vowel"):
    """One line with at most three of the vowels a, e, i, o and u."""

    def check(self, text: str) -> Found:
        if "\n" in text.strip():
            return Found(False, "more than one line")
        found = sorted(set(text.lower()) & set("aeiou"))
        return Found(len(found) <= 3, f"{len(found)} vowels, not at most 3")


class Consonants(Instruction, id="words:consonants"):
    """Every word has two consonants of a to z in a row; `y` is one."""

    def check(self, text: str) -> Found:
        without = next((word for word in text.lower().split() if not CLUSTER.search(word)), None)
        return Found(without is None, f"no two consonants in {without!r}")


class Palindrome(Instruction, id="words:palindrome"):
    """Words that are palindromes of at least five characters; the same one counts each time."""

    def check(self, text: str) -> Found:
        found = sum(len(word) >= 5 and word == word[::-1] for word in unpunctuated(text).lower().split())
        return at_least("palindromes", found, PALINDROMES)


class PrimeLengths(Instruction, id="words:prime_lengths"):
    def check(self, text: str) -> Found:
        wrong = next((word for word in unpunctuated(text).split() if len(word) not in PRIMES), None)
        return Found(wrong is None, f"{wrong!r} has no prime length")


class StartVerb(Instruction, id="words:start_verb"):
    def check(self, text: str) -> Found:
        return Found(starts_with_verb(tokens(text)), "may not begin with a verb")


class WordRepeats(Instruction, id="words:repeats"):
    """No word occurs more often, in any case and without punctuation."""

    small_n: Count

    def check(self, text: str) -> Found:
        counted = Counter(unpunctuated(text.lower()).split()).most_common(1)
        word, found = counted[0] if counted else ("", 0)
        return Found(found <= self.small_n, f"{word!r} {found} times, not at most {self.small_n}")


class OddEvenSyllables(Instruction, id="words:odd_even_syllables"):
    """Words with an odd and an even number of syllables take turns."""

    def check(self, text: str) -> Found:
        count = _syllapy().count
        parities = [count(word) % 2 for word in unpunctuated(text).lower().split()]
        same = next((i for i, (one, other) in enumerate(pairwise(parities)) if one == other), None)
        return Found(same is None, f"words {(same or 0) + 1} and {(same or 0) + 2} are both odd or both even")


class LastFirst(Instruction, id="words:last_first"):
    """Each sentence begins with the last word of the one before it, in any case."""

    def check(self, text: str) -> Found:
        for one, other in pairwise(sentences(text)):
            last, first = one.rstrip(EDGES).split()[-1:], other.lstrip(EDGES).split()[:1]
            if not last or not first or last[0].lower() != first[0].lower():
                return Found(False, f"{' '.join(last)!r} before {' '.join(first)!r}")
        return Found(True, "")


class ParagraphLastFirst(Instruction, id="words:paragraph_last_first"):
    """Each line ends with the word that it begins with, in any case; a line of punctuation alone does."""

    def check(self, text: str) -> Found:
        for line in text.split("\n"):
            found = bare(line.strip().lower()).split()
            if found and found[0] != found[-1]:
                return Found(False, f"begins with {found[0]!r} and ends with {found[-1]!r}")
        return Found(True, "")


class NoConsecutive(Instruction, id="words:no_consecutive"):
    """No two words in a row begin with the same character, in any case and without punctuation."""

    def check(self, text: str) -> Found:
        found = unpunctuated(text.lower()).split()
        same = next((pair for pair in pairwise(found) if pair[0][0] == pair[1][0]), None)
        return Found(same is None, f"{' '.join(same or ())!r}")


class KeywordPosition(Instruction, id="words:keywords_specific_position"):
    """The nth sentence has it as its mth word; tokens without a letter or digit are none."""

    keyword: Phrase
    n: Position
    m: Position

    def check(self, text: str) -> Found:
        sentence = sentences(text)[self.n - 1 : self.n]
        found = [token for token in tokens("".join(sentence)) if any(map(str.isalnum, token))][self.m - 1 : self.m]
        sound = bool(found) and found[0].lower() == self.keyword.lower()
        return Found(sound, f"{' '.join(found)!r} there, not {self.keyword!r}")


class WordsPosition(Instruction, id="words:words_position"):
    """The second token and the last but one are it, before a punctuation mark that ends the text."""

    keyword: Phrase

    def check(self, text: str) -> Found:
        found = [token.lower() for token in tokens(text)]
        last = -3 if found and found[-1] in string.punctuation else -2
        sound = len(found) >= -last and found[1] == found[last] == self.keyword.lower()
        return Found(sound, f"not {self.keyword!r} in both places")


class SentenceKeyword(Instruction, id="sentence:keyword"):
    """The Nth sentence has it as a whole word, in any case."""

    word: Text
    N: Position

    def check(self, text: str) -> Found:
        sentence = sentences(text)[self.N - 1 : self.N]
        sound = bool(sentence) and re.search(rf"\b{re.escape(self.word)}\b", sentence[0], re.IGNORECASE) is not None
        return Found(sound, f"sentence {self.N} is without {self.word!r}" if sentence else f"no sentence {self.N}")


class AlliterationIncrement(Instruction, id="sentence:alliteration_increment"):
    """Each sentence has more words than the one before it that stand next to one with the same first character."""

    def check(self, text: str) -> Found:
        counts = [_alliterating(sentence) for sentence in sentences(text)]
        return Found(all(one < other for one, other in pairwise(counts)), f"{counts[:5]} do not grow")


class SentenceIncrement(Instruction, id="sentence:increment"):
    """Each sentence has as many words more than the one before it; punctuation alone is no word."""

    small_n: Count

    def check(self, text: str) -> Found:
        counts = [len(unpunctuated(sentence).split()) for sentence in sentences(text)]
        wrong = [other - one for one, other in pairwise(counts) if other - one != self.small_n]
        return exactly("words more", (wrong or [self.small_n])[0], self.small_n)


def starts_with_verb(tokens: Sequence[str]) -> bool | None:
    """Return whether the first token is a verb for NLTK's perceptron tagger, whose weights no package ships.

    These words have one tag in its dictionary whatever follows them; of any other it depends on the next two, and
    mostly against intuition (`Run to the shop` begins with a proper noun): None.
    """
    if not tokens or tokens[0][0].isdigit() or tokens[0] in OTHERS:
        return False
    return True if tokens[0] in VERBS else None


def _alliterating(sentence: str) -> int:
    firsts = [word[0] for word in (word.lstrip(EDGES) for word in sentence.lower().split()) if word]
    same = [False, *(one == other for one, other in pairwise(firsts)), False]
    return sum(before or behind for before, behind in pairwise(same))


@cache
def _syllapy() -> Any:
    import syllapy  # reads its dictionary

    return syllapy

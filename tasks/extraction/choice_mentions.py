"""Where an answer to a multiple-choice question mentions choices, and how each of them stands there.

A letter counts where it is marked as one (`B)`, `(b)`, `option B`) or is a capital on its own, but for the article
`A` and the pronoun `I`. A text counts as whole words in any case; where one choice's text contains another's, the
longer one. So do `option 2` and `the second one`, unless a choice is that number.
"""

import re
import string
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tasks.extraction.assertion import Standing, standing

LETTERS = string.ascii_uppercase

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ABROAD = (
    "es|est|ist|er|jest|je|on|o|ou|oder|y|et|und|e|lub|eller|of|en|dan|atau|veya|ve|sai|salah|benar|correct[aeo]?"
    "|incorrect[aeo]?|corret[ao]|falsch|richtig|faux|vrai|errad[ao]"
)
"""Words of other languages that may follow a choice, so that `A` is no article."""
_LETTER = re.compile(
    rf"""(?<![\w'\u2019.$\\-]) (?:
        [(\[]\s*(?P<in_brackets>[A-Za-z])\s*[)\]]
      | (?i:option|choice|letter|answer(?:\s+is)?)[\s:*]+[(\[]?
        (?P<after_word>[A-Z]|[a-z](?=\s*(?:[).:*,;]|$)))(?![\w'\u2019])
      | (?P<before_sign>[A-Z])(?=[).:](?:\s|[*_"']|$))
      | (?m:^)[ \t*_]*(?P<opening>[a-z])(?=[).:]\s)
      | (?P<article>A)(?![\w'\u2019-])
        (?!\s+(?!(?:is|was|are|and|or|but|because|since|as|nor|seems|looks|{_ABROAD})\b)[a-z\d])
      | (?P<pronoun>I)(?=\s*(?:$|[,/&]\s*(?:(?:or|and)\s)?[A-Z]\b|(?:or|nor|and)\s+[A-Z]\b(?!\w)))
      | (?P<alone>[B-HJ-Z])(?![\w'\u2019-])
    )""",
    re.VERBOSE,
)
_PLACE = re.compile(
    rf"\b(?:(?P<ordinal>{'|'.join(_ORDINALS)}|last)\s+(?:option|choice|one|answer)|(?:option|choice)\s+\#?(?P<number>\d))\b",
    re.IGNORECASE,
)
_LABELS = re.compile(r"[)\]]?[).:,]?[\s*_]*(?:[-\u2013\u2014=:]|is)?[\s\"'(*_]*")
_LISTS = re.compile(
    r"[)\]\"'*_]*\s*(?:,|/|&|(?:,\s*)?\b(?:or|nor|and)\b)\s*(?:option\s+|choice\s+)?[(\[\"'*_]*", re.IGNORECASE
)
_COPULA = "です|である|だ(?!け)|입니다|이다|이에요|예요"
"""Follows a text without a space."""
_NO_DETERMINER = r"(?=\W*(?:$|[.,;:!?\n])|\s[\u2013\u2014-]|\s(?:is|because|since|as)\b)"
"""`no`, but not `no doubt`."""
_LABELLED_BEHIND = re.compile(r"[\s*_\"']*[(\[]\s*")

_SPREADS = {1: Standing.REASON, -1: Standing.MENTIONED}
"""What the rest of a list takes from the first of it, and from the last."""


class Mention(NamedTuple):
    start: int
    end: int
    choice: int
    """Its index; one beyond the last choice for a letter that has none."""
    by_letter: bool
    with_text: bool = False
    """Whether it is the text of the choice, or has it beside its letter."""
    standing: Standing = Standing.MENTIONED

    @property
    def ruled_out(self) -> bool:
        return self.standing is Standing.RULED_OUT


def mentions(text: str, choices: Sequence[str]) -> list[Mention]:
    """Find mentions of choices, by start; none overlap. A letter with its own text beside it is one mention, in the
    place of both.
    """
    texts = list(_texts(text, choices))
    masked = text
    for found in texts:
        masked = masked[: found.start] + "\x00" * (found.end - found.start) + masked[found.end :]
    letters = [*_letters(masked, len(choices)), *_places(masked, choices)]
    judged = [
        mention._replace(standing=standing(masked, mention.start, mention.end, mention.with_text))
        for mention in _joined(text, sorted([*texts, *letters]))
    ]
    # of a list such as `not B or C` all are ruled out, or none; nor does one of `A, B and C are true` assert alone
    spread = list(judged)
    for order in (range(1, len(spread)), range(len(spread) - 2, -1, -1)):
        for i in order:
            j = i - order.step
            first, second = sorted((spread[i], spread[j]))
            label = _LABELS if first.by_letter and not second.by_letter else _LISTS
            listed = _LISTS.fullmatch(text, first.end, second.start) or label.fullmatch(text, first.end, second.start)
            if listed and (spread[j].ruled_out or spread[j].standing is _SPREADS[order.step]):
                spread[i] = spread[i]._replace(standing=spread[j].standing)
    return spread


def _texts(text: str, choices: Sequence[str]) -> Iterator[Mention]:
    """The longest first, so that no shorter one is found inside it."""
    taken = bytearray(len(text))
    for i in sorted(range(len(choices)), key=lambda i: -len(choices[i])):
        words = r"\s+".join(re.escape(word) for word in choices[i].strip(" .").split())
        behind = rf"(?!(?!{_COPULA})[\w\\]|[.,]\d)" + (_NO_DETERMINER if words.lower() == "no" else "")
        pattern = rf"(?<![\w.\\-]){words}{behind}" if words else r"(?!)"
        for found in re.finditer(pattern, text, re.IGNORECASE):
            if not any(taken[found.start() : found.end()]) and not _bare_letter(found[0]):
                taken[found.start() : found.end()] = b"\x01" * (found.end() - found.start())
                yield Mention(found.start(), found.end(), i, by_letter=False, with_text=True)


def _bare_letter(text: str) -> bool:
    """The text of a choice that is a letter itself, and no word, says nothing inside a sentence: it may be a label."""
    return len(text) == 1 and text.isalpha() and not "\u3400" <= text <= "\u9fff"


def _letters(text: str, count: int) -> Iterator[Mention]:
    for found in _LETTER.finditer(text):
        group = str(found.lastgroup)
        index = LETTERS.index(found[group].upper())
        marked = group not in ("alone", "article", "pronoun") and not _closes_formula(text, found.end(group))
        if index < count or marked:
            yield Mention(found.start(group), found.end(group), min(index, count), by_letter=True)


def _closes_formula(text: str, end: int) -> bool:
    """Whether the bracket behind a letter was opened before it: `(x - E)`."""
    line = text[text.rfind("\n", 0, end) + 1 : end]
    return text.startswith(")", end) and line.count("(") > line.count(")") and not line[:-1].endswith("(")


def _places(text: str, choices: Sequence[str]) -> Iterator[Mention]:
    for found in _PLACE.finditer(text):
        if found["number"]:
            index = int(found["number"]) - 1
            if any(re.search(rf"\b{found['number']}\b", choice) for choice in choices):
                continue
        else:
            ordinal = found["ordinal"].lower()
            index = len(choices) - 1 if ordinal == "last" else _ORDINALS.index(ordinal)
        if index >= 0:
            yield Mention(found.start(), found.end(), min(index, len(choices)), by_letter=True)


def _joined(text: str, found: Sequence[Mention]) -> list[Mention]:
    """`B) Paris` and `Paris (B)` are one mention if that is the choice, else two."""
    joined: list[Mention] = []
    for mention in found:
        last = joined[-1] if joined else None
        if last and last.choice == mention.choice and last.by_letter != mention.by_letter:
            gap = _LABELS if last.by_letter else _LABELLED_BEHIND
            if gap.fullmatch(text, last.end, mention.start):
                joined[-1] = last._replace(end=mention.end, with_text=True)
                continue
        joined.append(mention)
    return joined

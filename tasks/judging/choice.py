"""Kind `choice`: which of the choices an answer names, by its letter, by its text, or by both.

`B`, `(b)`, `**B**`, `Option B`, `B) Paris`, `Paris`, `B, because …` name one. An answer that names several, that rules
out without naming one, or whose letter and text disagree, is left undecided under a reason of its own: a model that
names every choice must not be right, and nobody knows which one it meant.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from schemas.record import Record, clean_text
from schemas.verdict import Judgement, Reason, Ruling
from tasks.extraction.assertion import Standing
from tasks.extraction.choice_mentions import LETTERS, Mention, mentions
from tasks.extraction.correction import turns_between
from tasks.judging.spec import read_spec
from tasks.mathematics.number import compare_quantities, read_quantity, tidy

MAX_CHARACTERS = 20_000

_LABEL = re.compile(
    r"\s*(?:(?P<open>[(\[])\s*)?(?P<letter>[A-Za-z])\s*(?(open)[)\]][.:]?|[).:])\s*(?P<rest>\S.*)", re.DOTALL
)
_LETTER = re.compile(r"(?:(?:option|choice|answer|letter)\s*:?\s*)?[(\[]?\s*([A-Za-z])\s*[)\].:]*", re.IGNORECASE)
_TEX_LETTER = re.compile(
    r"\$?\\(?:text\w*|mathbf|mathrm|mathit|boxed|bf)\s*\{\s*\(?([A-Za-z])\)?\.?\s*\}\$?|\$\s*\(([A-Za-z])\)\s*\$"
)
_TURNS = re.compile(
    r"\b(?:however|but|although|though|better|best|also|actually|instead|should|correct|right|answer|only)\b",
    re.IGNORECASE,
)
"""Below a choice: that another one may be meant."""
_UNIT = re.compile(r"(?<=[\d}$)]) [^\W\d_][^\s\d]*\Z")
_STRUCK = re.compile(r"~~[^~]*~~|<(s|del|strike)>[^<]*</\1>")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff]|</?(?:b|i|u|p|br|em|strong|span|div|code)\s?/?>")
_EAST = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_GLUED = re.compile(rf"(?<={_EAST})(?=[A-Za-z])|(?<=[A-Za-z])(?={_EAST})")
_OTHER_LETTER = re.compile(r"(?:[(\[](?=[A-Z][)\]])|(?:\b(?:or|and|nor)|^\s*[/&,])\s*(?=[A-Z](?:[.):]|\s*\Z)))([A-Z])")
_WORDS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_EXPONENT = re.compile(r"\^\{([-+]?\d+)\}\$?")


_UNDETERMINED = re.compile(
    r"""(?:(?:so|thus|hence|therefore),?\s)?(?:the\s(?:correct\s)?answer\sis:?\s(?:that\s)?)?["'*_]*
    (?:(?:it|this|the\s(?:correct\s)?answer)\s)?(?:cannot|can\snot|can['\u2019]t)\sbe\sdetermined
    (?:\s(?:from|with|by|based\son|given)\s(?:the\s)?(?:given\s|provided\s)?information(?:\s(?:given|provided|above))?)?
    ["'*_]*\.?["'*_]*""",
    re.IGNORECASE | re.VERBOSE,
)
"""`It cannot be determined`, however it is said, where that is all: only one choice says so."""
_OTHER_LETTERS = {
    letter: LETTERS[i]
    for letters in ("\u0410\u0411 \u0413\u0414", "أبجده", "אבגדה", "アイウエオ", "가나다라마", "甲乙丙丁戊", "กขคงจ")
    for i, letter in enumerate(letters)
    if letter != " "
}
"""Of other alphabets, but for a Cyrillic one that looks like another of Latin."""
_OTHER_LABEL = re.compile(rf"[(\[]?([{''.join(_OTHER_LETTERS)}])(?=[)\].:]|\s*\Z)", re.IGNORECASE)


def _spelt(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value).strip()
    return json.dumps(value) if isinstance(value, int | float) else value


Choice = Annotated[str, Field(min_length=1), BeforeValidator(_spelt)]


class ChoiceSpec(Record):
    """The spec of a question of this kind."""

    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=len(LETTERS))]
    """Texts, or numbers, in the order of their letters; each may have its own letter before it, if all have."""


def judge_choice(gold: str, answer: str, spec: str) -> Judgement:
    """Judge a choice. Both sides are read alike; a gold that names no choice, or several, is unparsable."""
    choices = read_choices(spec)
    if choices is None:
        return Judgement.of(Reason.BAD_SPEC, answer)
    expected, picked = pick(gold, choices), pick(answer, choices)
    if isinstance(expected, Reason):
        return Judgement.of(Reason.GOLD_UNPARSABLE, answer, f"gold: {expected}")
    if isinstance(picked, Reason):
        return Judgement.of(picked, answer)
    evidence = f"{LETTERS[picked]}, gold {LETTERS[expected]}"
    return Judgement.of(Reason.SAME_CHOICE if picked == expected else Reason.OTHER_CHOICE, answer, evidence)


def read_choices(spec: str) -> list[str] | None:
    """Return the texts of the choices, without their own labels if all have them; None for a spec without 2 to 26
    texts.
    """
    try:
        texts = read_spec(spec, ChoiceSpec).choices
    except ValueError:
        return None
    labels = [_LABEL.fullmatch(text) for text in texts]
    labelled = all(label and _index(label["letter"]) == i for i, label in enumerate(labels))
    return [label["rest"] for label in labels if label] if labelled else list(texts)


def pick(text: str, choices: Sequence[str]) -> int | Reason:
    """Return the index of the choice that `text` names; of equal choices that of the first."""
    if len(text) > MAX_CHARACTERS:
        return Reason.ANSWER_REFUSED
    text, choices = _in_latin(_spaced(text), choices), [_spaced(choice) for choice in choices]
    first = {key: i for i, key in reversed(list(enumerate(map(_key, choices))))}
    same = [first[_key(choice)] for choice in choices]
    whole = _whole(text, choices, same)
    if whole is not None:
        return whole
    if label := _LABEL.fullmatch(text):
        letter, rest = _index(label["letter"]), _whole(label["rest"], choices, same)
        if isinstance(rest, int) and letter < len(choices):
            return rest if rest == same[letter] else Reason.CHOICE_CONTRADICTS
    found = mentions(text, choices)
    if label and _labels_its_own(label, choices, found):
        return same[_index(label["letter"])]
    named = _named(found, same)
    return _first_line(text, choices, found, same) if named is Reason.SEVERAL_CHOICES else named


def _labels_its_own(label: re.Match[str], choices: Sequence[str], found: Sequence[Mention]) -> bool:
    """Whether the one line behind a label spells that choice in other words, and no other: `B. A = TsOH, B = HCl`."""
    rest, letter = label["rest"], _index(label["letter"])
    others = [mention for mention in found if mention.start >= label.start("rest")]
    if "\n" in rest or letter >= len(choices) or any(mention.with_text or mention.ruled_out for mention in others):
        return False
    if any(found[1] in LETTERS[: len(choices)] for found in _OTHER_LETTER.finditer(rest)):
        return False
    said = set(_WORDS.findall(rest.casefold()))
    shared = [len(said & set(_WORDS.findall(choice.casefold()))) for choice in choices]
    return 2 * shared[letter] >= max(1, len(said)) and shared[letter] == max(shared)


def _first_line(text: str, choices: Sequence[str], found: Sequence[Mention], same: Sequence[int]) -> int | Reason:
    """The choice that is all of the first line, where the paragraphs below it only explain, and assert no other."""
    first, gap, _ = text.partition("\n\n")
    label = _LABEL.fullmatch(first)
    named = _whole(label["rest"] if label else first, choices, same)
    if not gap or not isinstance(named, int) or (label and named != same[min(_index(label["letter"]), len(same) - 1)]):
        return Reason.SEVERAL_CHOICES
    others = [mention for mention in found if mention.start > len(first)]
    asserted = any(mention.standing in (Standing.ASSERTED, Standing.CONCLUDED) for mention in others)
    denied = any(mention.choice == named and mention.ruled_out for mention in others)
    turned = turns_between(text, len(first), len(text)) or _TURNS.search(text, len(first))
    return Reason.SEVERAL_CHOICES if asserted or denied or turned else named


def _whole(text: str, choices: Sequence[str], same: Sequence[int]) -> int | Reason | None:
    """What all of `text` is: the text of a choice, its letter, or its number. None when it is more than that."""
    key = _key(text)
    named = {same[i] for i, choice in enumerate(choices) if _key(choice) == key}
    letter = _LETTER.fullmatch(tidy(text).strip("*_$ "))
    if letter:
        at = _index(letter[1])
        if at >= len(choices) and not named:
            begins = any(choice[:1].upper() == letter[1] for choice in choices)  # `T` of True and False
            return Reason.NO_SUCH_CHOICE if letter[1].isupper() and not begins else None
        named |= {same[at]} if at < len(choices) else set()
    if not named and _UNDETERMINED.fullmatch(text.strip()):
        named = {same[i] for i, choice in enumerate(choices) if _UNDETERMINED.fullmatch(choice.strip())}
    if not named:
        return _by_value(text, choices, same)
    return named.pop() if len(named) == 1 else Reason.SEVERAL_CHOICES


def _by_value(text: str, choices: Sequence[str], same: Sequence[int]) -> int | Reason | None:
    units = {found[0] if (found := _UNIT.search(choice)) else "" for choice in choices}
    unit = units.pop() if len(units) == 1 else ""
    stated = read_quantity(tidy(text).removesuffix(unit))
    if stated is None or (unit and stated.unit):
        return None
    values = [read_quantity(choice.removesuffix(unit)) for choice in choices]
    reasons = [compare_quantities(value, stated) if value else Reason.UNDECIDED for value in values]
    equal = {same[i] for i, reason in enumerate(reasons) if reason is Reason.EQUAL}
    if len(equal) == 1:
        return equal.pop()
    if equal:
        return Reason.SEVERAL_CHOICES
    may_be_a_place = 0 <= stated.value <= len(choices)
    differs = all(reason.ruling is Ruling.INCORRECT for reason in reasons)
    return Reason.NO_SUCH_CHOICE if differs and not may_be_a_place else None


def _named(found: Sequence[Mention], same: Sequence[int]) -> int | Reason:
    """The one choice that is asserted, where no other is left open."""
    left = [mention for mention in found if mention.standing not in (Standing.RULED_OUT, Standing.REASON)]
    if left and left[-1].standing is Standing.CONCLUDED:
        left = [mention for mention in left if mention.standing is not Standing.MENTIONED]
    asserted = {mention.choice for mention in left if mention.standing is not Standing.MENTIONED}
    inside = [mention._replace(choice=same[mention.choice]) for mention in left if mention.choice < len(same)]
    named = {mention.choice for mention in inside}
    beyond = len(inside) < len(left)
    ruled_out = {same[mention.choice] for mention in found if mention.ruled_out and mention.choice < len(same)}
    if not named:
        if beyond and asserted:
            return Reason.NO_SUCH_CHOICE
        return Reason.ONLY_RULED_OUT if ruled_out else Reason.NO_CHOICE_NAMED
    if len(named) == 1 and not beyond and not named & ruled_out:
        return named.pop() if asserted else Reason.NO_CHOICE_NAMED
    letters = {mention.choice for mention in inside if mention.by_letter}
    texts = {mention.choice for mention in inside if not mention.by_letter}
    contradicts = len(letters) == len(texts) == 1 and letters != texts
    return Reason.CHOICE_CONTRADICTS if contradicts else Reason.SEVERAL_CHOICES


def _spaced(text: str) -> str:
    """In normal form, with letters of Latin apart from those of Chinese, Japanese and Korean, and out of TeX; without
    what is struck out.
    """
    text = unicodedata.normalize("NFKC", text)
    text = _STRUCK.sub(" ", text) if "~~" in text or "</" in text else text
    text = _UNSEEN.sub("", text)
    if not text.isascii():
        text = _GLUED.sub(" ", text)
    for _ in range(2 if "$" in text or "\\" in text else 0):
        text = _TEX_LETTER.sub(lambda found: f"({found[1] or found[2]})", text)
    return text


def _in_latin(text: str, choices: Sequence[str]) -> str:
    """With the Latin letter for another alphabet's, where that is all, or labels what stands behind it."""
    label = None if text.isascii() or text in choices else _OTHER_LABEL.match(text)
    return f"{_OTHER_LETTERS[label[1].upper()]}{text[label.end() :]}" if label else text


def _key(text: str) -> str:
    return _EXPONENT.sub(r"^\1", tidy(text).casefold().strip("*_'\"()$ "))


def _index(letter: str) -> int:
    return LETTERS.index(letter.upper())

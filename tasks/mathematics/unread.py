"""What can still be said of an answer that is no single number, when the gold is one."""

import re
from fractions import Fraction

from schemas.verdict import Reason
from tasks.mathematics.lexicon import is_word, names_number
from tasks.mathematics.number import Quantity, read_quantity
from tasks.mathematics.spelt import spelt

MAX_CHARACTERS = 50_000
PROSE_WORDS = 4
"""From so many words on a text is a sentence, not an expression whose value we failed to read."""

_CLOCK = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:/\d+)?|\.\d+", re.ASCII)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]+")
_ROMAN = re.compile(r"\b[IVXLCDM]{2,}\b")
_HEXADECIMAL = re.compile(r"(?=.*\d?[A-F])[0-9A-F]{2,}", re.ASCII)
_SYMBOLS = frozenset("\\^_=+*/%√∞π!|{}")
_FUNCTIONS = frozenset(["sin", "cos", "tan", "ln", "log", "exp", "sqrt"])
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z$\d])|\n")
_STATES = re.compile(
    r"""(?P<subject>[^.:;?!=\n]{3,160}?)\s(?:is|are|equals|be|comes\ to|makes|leaves\ us\ with)
    (?:\s(?:therefore|thus|exactly|then|equal\ to|just|only|simply|hence|now|indeed|precisely))*\s
    (?P<value>[^.;?\n]{1,80}(?:\.\d+)?)\.?""",
    re.VERBOSE,
)
_OPEN = re.compile(
    r"\b(?:not|no|never|neither|if|unless|or|whether|cannot|is|are|equals|be)\b|n['\u2019]t\b", re.IGNORECASE
)

_SPOKEN_OF = re.compile(
    r"\b(?:answer|antwoord)|\b(?:may|might|could|would|wrong|incorrect|false|says?|claims?|thinks?|thought|guess\w*|believe\w*)\b"
    r"|(?<!problem)(?<!question)['\u2019]s\s(?:\w+\s)?(?:result|value|solution)\b",
    re.IGNORECASE,
)
"""What calls a value an answer has been looked at before, and is none; nor is what somebody may say."""
_DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|if|unless|whether|cannot|wrong|false|than|least|most|about)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_MATHEMATICS = re.compile(r"\$\$([^$]+)\$\$|\$([^$]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)


def judge_unread(gold: Quantity, answer: str) -> Reason:
    """Say why an answer that `read_quantity` cannot read is wrong all the same, or ANSWER_UNPARSABLE.

    It is wrong when no reading can be the gold: a time of day; English words without any number; or work of several
    sentences or steps, which states no number as its answer, in which the gold does not even occur. An expression, a
    list, one sentence, or words that may spell the gold, are left open.
    """
    answer = answer.strip()
    if _CLOCK.fullmatch(answer):
        return Reason.ANSWER_NOT_A_NUMBER
    words = _WORD.findall(answer) if len(answer) <= MAX_CHARACTERS else []
    if not words or any(word in _FUNCTIONS or _may_spell(word, gold.value) for word in words):
        return Reason.ANSWER_UNPARSABLE
    if (
        _ROMAN.search(answer)
        or _HEXADECIMAL.fullmatch(answer)
        or any(not c.isascii() and c.isnumeric() for c in answer)
    ):
        return Reason.ANSWER_UNPARSABLE
    if not any(c.isdigit() or c in _SYMBOLS for c in answer):
        none = gold.value != 0 and not any(names_number(word.lower()) and spelt(word) != 0 for word in words)
        return Reason.ANSWER_NOT_A_NUMBER if none and any(map(is_word, words)) else Reason.ANSWER_UNPARSABLE
    prose = sum(len(word) > 2 for word in words) >= PROSE_WORDS
    worked_out = "=" in answer or _SENTENCE_END.search(answer) is not None
    absent = prose and worked_out and not _occurs(gold.value, answer)
    return Reason.GOLD_ABSENT if absent else Reason.ANSWER_UNPARSABLE


def stated_value(sentence: str) -> str | None:
    """The value that one plain sentence states: `5!` of `The number of ways is therefore 5!`.

    None for a sentence that states two things, denies, doubts or asks. A value found so may show that an answer is
    right, never that it is wrong.
    """
    states = _STATES.fullmatch(sentence.strip()) if len(sentence) <= MAX_CHARACTERS else None
    if states is None:
        return _in_mathematics(sentence)
    if _OPEN.search(states["subject"]) or _OPEN.search(states["value"]) or _SPOKEN_OF.search(states["subject"]):
        return None
    return str(states["value"]).strip()


def _in_mathematics(sentence: str) -> str | None:
    """The one piece of mathematics in a sentence that denies nothing: `x < 3` of `We find that $x < 3$.`"""
    pieces = list(_MATHEMATICS.finditer(sentence)) if len(sentence) <= MAX_CHARACTERS else []
    if len(pieces) != 1:
        return None
    around = sentence[: pieces[0].start()], sentence[pieces[0].end() :]
    if (
        any(map(_DENIES.search, around))
        or any(c.isdigit() for part in around for c in part)
        or "\n" in sentence.strip()
    ):
        return None
    return str(next(filter(None, pieces[0].groups()))).strip()


def is_other_notation(answer: str) -> bool:
    """Decide whether an answer may be a number in digits that algebra would take for variables: `FF`, `XIV`, `5k`."""
    answer = answer.strip()
    abbreviated = re.fullmatch(r"[$€£]?\d[\d.,]*\s?[kKMB]", answer)
    return bool(_HEXADECIMAL.fullmatch(answer) or _ROMAN.fullmatch(answer) or abbreviated)


def _may_spell(word: str, value: Fraction) -> bool:
    """`word` is `value`, or may be a part of it as in sixty-four, two hundred or three quarters."""
    number = spelt(word)
    return number is not None and (number == abs(value) or 20 <= number <= abs(value) or value.denominator > 1)


def _occurs(value: Fraction, text: str) -> bool:
    """A number in `text` has this size, or a hundred times it, as percentages are written."""
    found = (read_quantity(number) for number in set(_NUMBER.findall(text)))
    return any(number.value in (abs(value), 100 * abs(value)) for number in found if number)

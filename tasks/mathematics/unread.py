"""What can still be said of an answer that is no single number, when the gold is one."""

import re
from fractions import Fraction
from itertools import pairwise

from schemas.verdict import Reason
from tasks.mathematics.closed_form import compare_closed_forms, read_closed_form
from tasks.mathematics.lexicon import is_word, names_number
from tasks.mathematics.number import Quantity, read_quantity, tidy
from tasks.mathematics.spelt import spelt

MAX_CHARACTERS = 50_000
PROSE_WORDS = 4
"""From so many words on a text is a sentence, not an expression whose value we failed to read."""

_CLOCK = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(
    r"(?:\d+ )?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+| ?/ ?\d+|[kKMB]\b| ?(?:dozen|hundred|thousand|million|billion)s?\b)?"
    r"|\.\d+",
    re.ASCII,
)
_GROUPED = re.compile(r"\d{1,3}(?:[ .]\d{3})+(?!\d)", re.ASCII)
_RUN = re.compile(
    r"(?:\d[\d,]*(?:\.\d+)?|[-+*/^\u00d7\u00f7\u00b7!(){}\u221a%_ ]"
    r"|\\(?:[dt]?frac|[dt]?binom|sqrt|cdot|times|div|log|ln|left|right|over|choose|pi)(?![A-Za-z]))+",
    re.ASCII,
)
_OPERATION = re.compile(
    r"[\d)}] ?[-+*^\u00d7\u00f7\u00b7] ?[\d({\u221a\\]|[)}] ?/|/ ?[({]|[\d)}]!|\u221a"
    r"|\\(?:[dt]?frac|[dt]?binom|sqrt|log|ln|over|choose)",
    re.ASCII,
)
_IN_WORDS = (
    (re.compile(r"(?<=\d) (?:out of|in) (?:every )?(?=\d)"), "/"),
    (re.compile(r"(?<=\d) (?:times|plus|minus|multiplied by|divided by) (?=\d)"), "*"),
    (re.compile(r"(?<=\d) squared\b"), "^2"),
    (re.compile(r"(?<=\d) cubed\b"), "^3"),
)
_WORKED_OUT = re.compile(r"[$\\) ]*(?:[A-Za-z%/]+ ?){0,4}(?:=|\u2248|\\approx|\b(?:is|are|equals|gives|makes)\b)")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]+")
_ROMAN = re.compile(r"\b[IVXLCDM]{2,}\b")
_HEXADECIMAL = re.compile(r"(?=.*\d?[A-F])[0-9A-F]{2,}", re.ASCII)
_OTHER = (
    *(_HEXADECIMAL, _ROMAN),
    re.compile(r"[$€£]?\d[\d.,]*\s?[kKMB]", re.ASCII),
    re.compile(r"0[bBoO][0-7]+", re.ASCII),
    re.compile(r"(?:the )?\d+(?:st|nd|rd|th)", re.ASCII),
    re.compile(r"\d+\s?[PC]\s?\d+", re.ASCII),
)
_FIRST = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:/\d+)?", re.ASCII)
_LETTERS = re.compile(r"\s?[A-Za-z](?:[A-Za-z1-4^(){}*·/. ]|(?<=[\^{])-)*")
"""Letters that may be units, with their powers and signs between them."""
_SYMBOLS = frozenset("\\^_=+*/%√∞π!|{}")
_FUNCTIONS = frozenset(["sin", "cos", "tan", "ln", "log", "exp", "sqrt"])
_WHOLE = re.compile(r".*[^\w\s,;:(\[{=+*/<>\u00d7\u00f7&-]|.*\d", re.DOTALL)
"""What ends as texts do: with a stop, a bracket, a sign of mathematics or a figure."""
_BROKEN = re.compile(r".*(?:,\d{1,2}|\b(?!(?:is|are|was|were|equals|to)\b)[A-Za-z]{2,}\s\$?\d+)", re.DOTALL)
"""A figure at which a text breaks off: `$30,00`, `the second 2`."""
_OPENED = re.compile(r"\s*(?:```(?:json)?\s*)?\{\s*\"")
_CLOSED = re.compile(r".*\}\s*(?:```)?\s*", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z$\d])|\n")
_STATES = re.compile(
    r"""(?:(?i:so|thus|therefore|hence|then|finally|now|altogether|overall|in\ total|as\ a\ result|this\ means
      |it\ follows|we\ (?:find|see|conclude|get|have))(?:\ that)?,?\s)?
    (?P<subject>(?i:the|an?|her|his|their|its|our|this|that|it|there)\b[^.:;?!=,\n]{0,160}? | \$?[A-Za-z]\$?)
    \s(?:is|are|equals|will\ be|(?:would|must)\ be|comes\ to|makes|leaves\ us\ with)
    (?:\s(?:therefore|thus|exactly|then|equal\ to|just|only|simply|hence|now|indeed|precisely))*\s
    (?P<value>[^.;?\n]{1,80}(?:\.\d+)?)\.?""",
    re.VERBOSE,
)
_OPEN = re.compile(
    r"\b(?:not|no|never|neither|if|unless|or|whether|cannot|is|are|equals|be)\b|n['\u2019]t\b", re.IGNORECASE
)

_SPOKEN_OF = re.compile(
    r"\b(?:answer|antwoord)|\b(?:may|might|could|would|wrong|incorrect|false|says?|claims?|thinks?|thought|guess\w*)\b"
    r"|\bbelieve\w*|(?<!problem)(?<!question)['\u2019]s\s(?:\w+\s)?(?:result|value|solution)\b",
    re.IGNORECASE,
)
"""What calls a value an answer has been looked at before, and is none; nor is what somebody may say."""
_PRONOUNS = frozenset(["it", "this", "that", "there"])
_DETERMINERS = frozenset(["the", "a", "an", "his", "her", "their", "its", "our", "my"])
_PREPOSITIONS = frozenset(["of", "in", "for", "on", "at", "from", "with", "by", "to", "per"])
_OPERATIONS = (
    "square squares squared cube cubes cubed root roots log ln logarithm sin cos tan double doubled triple tripled "
    "negative minus plus times opposite reciprocal inverse"
)
_JUDGEMENTS = "wrong incorrect false mistaken guess estimate approximation bound"
_NOT_ITSELF = frozenset(f"{_OPERATIONS} {_JUDGEMENTS}".split())
"""What a phrase with one of these says is not of the value that was asked for."""


def judge_unread(gold: Quantity, answer: str) -> Reason:
    """Say why an answer that `read_quantity` cannot read is wrong all the same, or ANSWER_UNPARSABLE.

    It is wrong when no reading can be the gold: a time of day; English words without any number; or work of several
    sentences or steps, which states no number as its answer, in which the gold does not even occur. An expression,
    also one that the work leaves as it is, a list, one sentence, words that may spell the gold, or work that breaks off
    within a sentence, are left open.
    """
    answer = answer.strip()
    if clock := _CLOCK.fullmatch(answer):
        hours, minutes = int(clock["hours"]), int(clock["minutes"])
        length = gold.value in (60 * hours + minutes, hours + Fraction(minutes, 60))
        return Reason.ANSWER_UNPARSABLE if length else Reason.ANSWER_NOT_A_NUMBER
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
        if gold.value == 1 and words[0].lower() in ("a", "an"):
            return Reason.ANSWER_UNPARSABLE
        none = gold.value != 0 and not any(names_number(word.lower()) and spelt(word) != 0 for word in words)
        return Reason.ANSWER_NOT_A_NUMBER if none and any(map(is_word, words)) else Reason.ANSWER_UNPARSABLE
    prose = sum(len(word) > 2 for word in words) >= PROSE_WORDS
    worked_out = "=" in answer or _SENTENCE_END.search(answer) is not None
    absent = prose and worked_out and _is_whole(answer) and not _may_occur(gold.value, tidy(answer))
    return Reason.GOLD_ABSENT if absent else Reason.ANSWER_UNPARSABLE


def _is_whole(answer: str) -> bool:
    """Whether it ends as texts do, also where it is an object of JSON, or within brackets."""
    last = answer[answer.rfind("\n") + 1 :]
    if last.count("(") > last.count(")") or (_OPENED.match(answer) and not _CLOSED.fullmatch(answer)):
        return False
    plain = answer.rstrip("*_")
    return _WHOLE.fullmatch(plain) is not None and _BROKEN.fullmatch(plain) is None


def stated_value(sentence: str) -> str | None:
    """Return the value that one plain sentence states: `5!` of `The number of ways is therefore 5!`.

    None for a sentence that states two things, denies, doubts or asks. A value found so may show that an answer is
    right, never that it is wrong.
    """
    states = _STATES.fullmatch(sentence.strip()) if len(sentence) <= MAX_CHARACTERS else None
    if states is None or _SPOKEN_OF.search(states["subject"]):
        return None
    if _OPEN.search(states["subject"]) or _OPEN.search(states["value"]):
        return None
    return str(states["value"]).strip() if _is_the_value(states["subject"].lower()) else None


def _is_the_value(subject: str) -> bool:
    """One noun phrase, which says of no other value what it is."""
    words = _WORD.findall(subject)
    if words[0] in _PRONOUNS:
        return len(words) <= 2
    clause = any(word in _DETERMINERS and before not in _PREPOSITIONS for before, word in pairwise(words))
    return not clause and not _NOT_ITSELF.intersection(words) and not any(map(names_number, words))


def may_be_other_notation(gold: Quantity, answer: str) -> bool:
    """Decide whether an answer may be a number that algebra would take for a product, or else for another one: `FF`,
    `XIV`, `5k`, `0b101`, `3rd`, `5P2`; the gold with letters behind it that may be a unit; or with an exclamation mark.
    """
    answer = tidy(answer)
    if any(pattern.fullmatch(answer) for pattern in _OTHER):
        return True
    if re.fullmatch(r"[0-9a-f]{2,20}", answer) and not answer.isdecimal() and int(answer, 16) == gold.value:
        return True
    number = _FIRST.match(answer)
    behind = answer[number.end() :] if number else ""
    if not number or not (behind == "!" or _LETTERS.fullmatch(behind)):
        return False
    stated = read_quantity(number[0])
    return stated is not None and stated.value == gold.value


def _may_spell(word: str, value: Fraction) -> bool:
    """`word` is `value`, or may be a part of it as in sixty-four, two hundred or three quarters."""
    number = spelt(word)
    return number is not None and (number == abs(value) or 20 <= number <= abs(value) or value.denominator > 1)


def _may_occur(value: Fraction, text: str) -> bool:
    """A number in `text` has this size, or a hundred times it, as percentages are written, or an expression may have,
    which nobody worked out.
    """
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    sizes = (abs(value), 100 * abs(value))
    found = (read_quantity(number) for number in {*_NUMBER.findall(text), *re.findall(r"\d+", text)})
    grouped = (int(re.sub(r"\D", "", number)) for number in _GROUPED.findall(text))
    if any(number.value in sizes for number in found if number) or any(number in sizes for number in grouped):
        return True
    runs = (run for run in _RUN.finditer(text) if _OPERATION.search(run[0]))
    return any(not _WORKED_OUT.match(text, run.end()) and _may_be_worth(run[0], value) for run in runs)


def _may_be_worth(expression: str, value: Fraction) -> bool:
    expected, stated = read_closed_form(str(abs(value))), read_closed_form(expression)
    return not (expected and stated) or compare_closed_forms(expected, stated) is not Reason.NOT_EQUAL

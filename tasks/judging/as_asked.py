"""What the words of a question say of an answer to it: yes for a gold True, a list in any order. Pure."""

import re
from collections import Counter

from schemas.verdict import Reason
from tasks.late_pattern import late_pattern

MAX_CHARACTERS = 20_000
_YES_OR_NO = {"true": "Yes", "false": "No"}
_ASKS = late_pattern(
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|shall|has|have|had|may|might|must)\s",
    re.IGNORECASE,
)
_DENIES = late_pattern(
    r"\b(?:not|never|no|none|nor|without|false|true|untrue|incorrect|wrong|statement|claim)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
"""Where yes may be False."""
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_ANY_ORDER = late_pattern(
    r"""\b(?:in\s(?:any|whatever|no\sparticular)\sorder
    | order\s(?:of\s(?:[\w']+\s){1,6})?(?:(?:does|do)\s?(?:not|n['\u2019]t)\smatter
      | is\s(?:irrelevant|unimportant|not\simportant))
    | (?:regardless|irrespective)\sof\s(?:the\s|their\s)?order)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ANSWER = late_pattern(r"\b(?:answers?|outputs?|respon[ds]\w*|list|give|write|name|enumerate|return)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;\n]|\band\b)\s*")
_AROUND = "[](){}\"'`. "


def yes_or_no(gold: str, question: str) -> str | None:
    """Return what a gold True or False says in words, where the last sentence of the question asks for yes or no, and
    denies nothing; else None.
    """
    word = _YES_OR_NO.get(gold.strip().casefold())
    sentences = _SENTENCES.split(question.strip()) if word and len(question) <= MAX_CHARACTERS else [""]
    return word if _ASKS.match(sentences[-1]) and not _DENIES.search(sentences[-1]) else None


def in_other_order(gold: str, answer: str, question: str) -> Reason | None:
    """Judge a list that has the gold's items in another order, where the question speaks of any: EQUAL_TEXT where it
    does so of the answer, else UNDECIDED. None of any other answer.
    """
    if len(question) > MAX_CHARACTERS or not _ANY_ORDER.search(question):
        return None
    items = [_items(text) for text in (gold, answer)]
    if sum(items[0].values()) < 2 or items[0] != items[1]:
        return None
    said = [each for each in _SENTENCES.split(question) if _ANY_ORDER.search(each)]
    return Reason.EQUAL_TEXT if any(map(_ANSWER.search, said)) else Reason.UNDECIDED


def _items(text: str) -> Counter[str]:
    """Of a list with commas, or else its words."""
    text = text.strip(_AROUND).casefold()
    items = _BETWEEN.split(text) if _BETWEEN.search(text) else text.split()
    return Counter(filter(None, (item.strip(_AROUND) for item in items)))

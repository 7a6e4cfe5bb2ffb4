"""How many sentences a text has. Rules of our own: the paper's tokenizer needs data that has to be downloaded.

A sentence ends with `.`, `!`, `?` or `…`, quotes and emphasis behind them, and white space; or with the full stop of
another script. It does not end after an abbreviation, an initial or the number of a list item, nor where a lower-case
word follows, unless the whole text is in lower case. A line break ends none, as in the paper's tokenizer; what
follows the last full stop is one more.
"""

import re

_END = re.compile(
    r"""(?<![.!?\u2026]) [.!?\u2026]++ ["'\u201d\u2019\u00bb)\]*_]*+ (?=\s|\Z)
      | [\u3002\uff01\uff1f\u0964\u0965\u061f\u06d4]+""",
    re.VERBOSE,
)
_BEFORE = re.compile(r"[^\s(\[\"'\u201c\u2018*_]*\Z")
_WORD = re.compile(r"\w")
_NEXT = re.compile(r"[\s\"'\u201c\u2018\u00ab(\[*_#>-]*(?P<word>[\w'\u2019]*)")
_LETTERED = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")
_LIST_NUMBER = re.compile(r"(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,4})")
_REACH = 40
"""Characters before a full stop that its word can take."""

_TITLES = re.compile(r"mr|mrs|ms|dr|prof|st|mt|capt|col|gen|lt|sgt|rev|hon|sen|rep|gov|pres|messrs|mme")
_BEFORE_MORE = re.compile(r"e\.g|i\.e|eg|ie|cf|vs|viz|approx|fig|figs|eq|sec|ch|vol|pp|ed|eds|est|dept|al")
_BEFORE_NUMBERS = re.compile(r"no|nos|p|art|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec")
_EITHER = re.compile(r"etc|inc|ltd|co|corp|jr|sr|bros|a\.m|p\.m|ph\.d|b\.c|a\.d|ave|blvd|rd")
"""They may also end a sentence: it does where a word follows with which sentences begin."""
_STARTERS = re.compile(
    r"the|a|an|it|he|she|they|we|you|i|this|that|these|those|there|here|his|her|their|our|my|your|its|in|"
    r"on|at|by|for|from|with|to|as|if|when|while|after|before|but|and|or|so|yet|however|then|also|what|"
    r"who|how|why|where|is|are|was|were|do|does|did|have|has|can|not|no"
)


def count_sentences(text: str) -> int:
    """Those with a letter or digit in them. Linear in the text."""
    lower = not any(map(str.isupper, text))
    count = start = 0
    for end in _END.finditer(text):
        if _ends(text, end, lower):
            count += _WORD.search(text, start, end.start()) is not None
            start = end.end()
    return count + (_WORD.search(text, start) is not None)


def _ends(text: str, end: re.Match[str], lower: bool) -> bool:
    following = _NEXT.match(text, end.end())
    word = following["word"] if following else ""
    if not word or end[0][0] not in ".!?\u2026":
        return True
    continues = word[0].islower() and not lower
    if end[0] != ".":
        return not continues
    before = _BEFORE.search(text, max(0, end.start() - _REACH), end.start())
    return not continues and _ends_at_period(text, end.start(), before[0] if before else "", word)


def _ends_at_period(text: str, at: int, before: str, word: str) -> bool:
    name = before.lower()
    if (
        _TITLES.fullmatch(name)
        or _BEFORE_MORE.fullmatch(name)
        or (_LIST_NUMBER.fullmatch(before) and _opens_line(text, at - len(before)))
    ):
        return False
    if _BEFORE_NUMBERS.fullmatch(name):
        return not word[0].isdigit()
    if _EITHER.fullmatch(name) or (_LETTERED.fullmatch(before) and name not in ("i", "a")):
        return _STARTERS.fullmatch(word.lower()) is not None
    return True


def _opens_line(text: str, at: int) -> bool:
    ahead = text[max(0, at - _REACH) : at].rpartition("\n")
    return (bool(ahead[1]) or at <= _REACH) and not ahead[2].strip(" \t*_#>-")

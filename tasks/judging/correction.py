"""Where a text takes back the answer that it has stated, and what it puts in its place."""

import re

_TURN = re.compile(
    r"""\b(?: (?:wait|sorry|correction)(?=\s*[,.!?:;\u2026\u2014\u2013-]|\s*$
        |\s(?:no|a\ (?:sec|min|mom)|that|let|I|actually|is|this|it)\b)
      | hold\ on | hang\ on | w?oops | scratch\ that | my\ mistake
        | on\ second\ thoughts?
      | or\ rather | I\ mean[t]? | I\ mis\w+ | I\ (?:made|make)\ (?:an?\ )?(?:\w+\ )?(?:mistake|error)
      | actually,?\ (?:no|it|the|that|I) | make\ (?:that|it) | no(?=\s*[,.:;!\u2014\u2013-]\s?[^-]|\s+wait|,?\ it\b)
      | just\ kidding | edit(?=:) | or\ is\ it | then\ again | (?:or|but)\ (?:maybe|perhaps|possibly)
      | but\ (?:it|the\ answer)\ (?:could|might|may) | but\ (?:I|we)\ (?:get|got|find|found|think|believe|calculate)
      | (?:that|this|it)(?:['\u2019]s|\ is|\ was|\ seems)\ (?:not\ (?:right|correct)|wrong|incorrect|a\ mistake)
      | (?:that|this|it)\ (?:can['\u2019]t|cannot|isn['\u2019]t|wasn['\u2019]t)\ (?:be\ )?(?:right|correct)
      | (?P<weak>hmm+ | let\ me\ (?:re-?\w+|double-?check|check|verify|try\ again|fix|correct)) )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_VALUE = r"""(?P<value> \$[^$\n]+\$ | \\\([^\n]+?\\\) | [-+]?[$€£]?-?\d[\d,]*(?:[./]\d+)?(?:\s?%
        |(?:\ [a-z]+){1,2}(?=[.!,;)\n]|$))?
    | \(?[A-Z]\)?(?!\w) | [A-Z][\w'-]+(?:\ [A-Z][\w'-]+)* )"""
_PUT = re.compile(
    rf"""(?i: \b(?:no|wait|sorry|w?oops|correction|edit|rather|I\ meant?|(?:I|we)\ (?:get|got|find|found|think)
        |scratch\ that|make\ (?:that|it)|actually)
      | \b(?:it|that|this|answer|value|result|total|one)(?:['\u2019]s|\ is)
      | (?P<firm>\b(?:should|must|ought\ to|would)\ (?:be|have\ been)|\bso\ (?:it['\u2019]s|it\ is)) )
    (?:\s*[,:\u2014\u2013.-]*\s*)(?i:(?:really|actually|it['\u2019]s|it\ is|it\ should\ be|that['\u2019]s
        |the\ answer\ is)\s+)?[*_]{{0,3}}
    {_VALUE} (?=[*_)]{{0,3}}(?:\s*(?:$|\n)|[.!,;](?:\s|$)|\s(?:not|because|since|instead|\u2014|\u2013|-)))""",
    re.VERBOSE,
)
_DENIES = re.compile(r"\b(?:wrong|incorrect|mistaken?|mistakes|error|not|no)\b|n['\u2019]t\b", re.IGNORECASE)
_AFFIRMS = re.compile(
    r"\b(?:yes|correct|right|confirmed|confirms|checks\ out|consistent|matches|stands)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_REACH = 2000
"""Characters behind an answer in which it may be taken back."""


def correction(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The range of what replaces the answer at `start:end` behind it; an empty one where it is only taken back; None
    where it stands.
    """
    turn = _TURN.search(text, end, end + _REACH)
    if turn is None:
        return None
    behind = text[turn.start() : end + _REACH]
    firmly = turn["weak"] is not None and _next_strong(text, turn, end) is None
    put = [found for found in _PUT.finditer(behind) if found["firm"] or not firmly]
    if put:
        at = turn.start()
        return at + put[-1].start("value"), at + put[-1].end("value")
    return (end, end) if _taken_back(text[start:end], behind, firmly) else None


def turns_between(text: str, start: int, end: int) -> bool:
    """Whether the text takes back what stands before `start`, so that what stands behind `end` replaces it."""
    turn = _TURN.search(text, start, end)
    return turn is not None and turn["weak"] is None


def _next_strong(text: str, turn: re.Match[str], end: int) -> re.Match[str] | None:
    return next((found for found in _TURN.finditer(text, turn.end(), end + _REACH) if not found["weak"]), None)


def _taken_back(stated: str, behind: str, weakly: bool) -> bool:
    """Without a new value: words deny it and none affirms it, or other numbers come up and not its own."""
    if _AFFIRMS.search(_DENIED_RIGHT.sub("", behind)):
        return False
    numbers, own = _NUMBER.findall(behind), _NUMBER.findall(stated)
    if own and own[-1] in numbers:
        return False
    return _DENIES.search(behind) is not None or (bool(numbers) and bool(own) and not weakly)


_DENIED_RIGHT = re.compile(r"(?:\bnot|n['\u2019]t)\s(?:be\s|quite\s)?(?:right|correct)\b|\bincorrect\b", re.IGNORECASE)

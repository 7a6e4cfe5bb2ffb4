"""Where a text takes back the answer that it has stated, and what it puts in its place."""
# ruff: noqa: RUF001

import re

from tasks.extraction.other_languages import announced_in_other_language
from tasks.late_pattern import late_pattern

_TURN = late_pattern(
    r"""\b(?<!\bif\ )(?<!\bIf\ ) (?: (?:wait|sorry|correction)(?=\s*[,.!?:;\u2026\u2014\u2013-]|\s*$|\s(?:no|a\ (?:sec
      |min|mom)|that|let|I|actually|is|this|it)\b)
      | hold\ on | hang\ on | o*h?\ ?w?h?oops | (?:scratch|strike|ignore|disregard|forget)\ that | my\ (?:mistake|bad)
        | on\ second\ thoughts? | (?:up)?on\ reflection | apologies | I\ take\ (?:that|it)\ back | nope | nah
        | (?:typo|erratum|update)(?=\s*[:,]) | off\ by\ (?:one|a) | (?:I|we)\ (?:forgot|overlooked|missed)
        | actually(?=,?\ [^a-z]) | rather(?=,) | (?:oh|ah)(?=,)
        | (?<![a-z]\ )should\ (?:be|have\ been) | (?:that|it)\ should\ (?:be|have\ been)
        | but\ (?:no|it\ isn['\u2019]t|it\ is\ not)(?=\s*[.!,;]|\s*$)
      | or\ rather | I\ mean[t]? | I\ mis\w+ | I\ (?:made|make)\ (?:an?\ )?(?:\w+\ )?(?:mistake|error)
      | actually,?\ (?:no|it|the|that|I) | make\ (?:that|it) | no(?=\s*[,.:;!\u2014\u2013-]\s?[^-]|\s+wait|,?\ it\b)
      | just\ kidding | edit(?=:) | then\ again
      | (?P<open> or\ is\ it | I\ disagree | it\ (?:really\ |all\ )?depends
        | the\ answer(?:\ \([^()\n]{1,20}\))?\ (?:depends\ on
          | is\ (?:unknown|unclear|subjective|not\ (?:known|clear|definitive)))
        | (?:that|this|it)\ (?:doesn['\u2019]t|does\ not)\ (?:look|seem|make|add|sound)
        | (?:that|this|it)\ (?:seems|looks|is)\ too\ (?:low|high|small|large|big|much|many|few) | (?:or|but)\ (?:maybe
          |perhaps|possibly) | but\ (?:it|the\ answer)\ (?:could|might|may)
        | (?<!\bit\ )(?<!\bthis\ )(?<!\bthat\ )(?:is|are|would\ be|could\ be|may\ be|might\ be)\ also
          \ (?:an?\ |the\ )?(?:correct|right|acceptable|valid|possible|answer|plausible)
        | (?:also|equally)\ (?:works|fits|applies|qualifies) | (?:is|are)\ (?:acceptable|possible|correct|valid
          |right)\ too ) | but\ (?:I|we)\ (?:get|got|find|found|think|believe|calculate)
      | (?:that|this|it)(?:['\u2019]s|\ is|\ was|\ seems)\ (?:not\ (?:right|correct)|wrong|incorrect|a\ mistake)
      | (?:that|this|it)\ (?:can['\u2019]t|cannot|isn['\u2019]t|wasn['\u2019]t)\ (?:be\ )?(?:right|correct)
      | (?P<weak>hmm+ | let\ me\ (?:re-?\w+|double-?check|check|verify|try\ again|fix|correct)) )\b""",
    re.IGNORECASE | re.VERBOSE,
)
TURN_ABROAD = late_pattern(
    r"""(?:^|[.!?,;:\n(\u2026\u2014\u2013\u3002\uff0c\uff01-]|\s-)[ \t*]*+(?:
      (?:no|non|nein|não|нет|ні|nie|hayır|không|tidak|bukan|nee|nej|لا|नहीं)(?=\s*[,.:;!\u2014-])
      | (?:esper[ae]n?|perdón|perdona|corrección|mejor\sdicho|quiero\sdecir|disculp\w+|attend[sz]|attendez|pardon
        |excus\w+|correction|plutôt|je\sveux\sdire|moment|warte|halt|korrektur|sorry|entschuldigung|quatsch|vielmehr
        |genauer|desculp\w+|correção|aliás|quero\sdizer|anzi|scusa\w*|aspetta|correzione|стоп|подожд\w+|погод\w+
        |извини\w*|простите|исправ\w+|поправ\w+|точнее|вернее|вибач\w*|czekaj|przeprasz\w+|korekta|poprawka|dur|bekle
        |düzeltme|özür|xin\slỗi|khoan|đính\schính|nhầm|sửa\slại|maaf|ralat|tunggu|koreksi|wacht|correctie|vänta
        |förlåt|rättelse|عفوا|عفوًا|انتظر|تصحيح|آسف|माफ़?|रुक\w*|क्षमा)(?![^\W\d_])
      | 不对|不對|等等|等一下|等下|更正|抱歉|应该是|應該是|哦?不是?[,\uff0c]|啊不|说错|算错|我错|いや|違う|違い|ちがう
        |待って|訂正|すみません|失礼|아니(?=[,.\s요!]|$)|잠깐|잠시만|정정|죄송|수정)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A clause that begins so turns, in other languages than English."""
_VALUE = r"""(?P<value> \$[^$\n]+\$ | \\\([^\n]+?\\\) | [-+]?[$€£]?-?\d[\d,]*(?:[./]\d+)?(?:\s?%
      |(?:\ [a-z]+){1,2}(?=[.!,;)\n]|$))?
    | \(?[A-Z]\)?(?!\w) | [A-Z][\w'-]+(?:\ [A-Z][\w'-]+)* )"""
_PUT = late_pattern(
    rf"""(?i: \b(?:no|wait|sorry|w?oops|correction|edit|rather|I\ meant?|(?:I|we)\ (?:get|got|find|found|think)
      |scratch\ that|make\ (?:that|it)|actually)
      | \b(?:it|that|this|answer|value|result|total|one)(?:['\u2019]s|\ is)
      | (?P<firm>\b(?:should|must|ought\ to|would)\ (?:be|have\ been)|\bso\ (?:it['\u2019]s|it\ is)) )
    (?:\s*(?:[,:\u2014\u2013.]|-(?![\d$\\]))*\s*)
    (?i:(?:really|actually|it['\u2019]s|it\ is|it\ should\ be|that['\u2019]s|the\ answer\ is)\s+)?[*_]{{0,3}}
    {_VALUE} (?=[*_)]{{0,3}}(?:\s*(?:$|\n)|[.!,;](?:\s|$)|\s(?:not|because|since|instead|\u2014|\u2013|-)))""",
    re.VERBOSE,
)
_DENIES = late_pattern(
    r"\b(?:wrong|incorrect|mistaken?|mistakes|error|not|no|take (?:that|it) back"
    r"|(?:scratch|strike|ignore|disregard|forget) that)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
AFFIRMS_ABROAD = late_pattern(
    r"对的|正确|没错|正しい|合って|맞|верно|correct[ao]?\b|richtig|stimmt|giust[ao]|juste\b|doğru|đúng|benar"
)
_AFFIRMS = late_pattern(
    r"\b(?:yes|correct|right|confirmed|confirms|checks\ out|consistent|matches|stands)\b", re.IGNORECASE
)
_NUMBER = late_pattern(r"(?:(?<![\w)])[-\u2212])?\d(?:[\d,]*\d)?(?:\.\d+)?\\?%?")
_REACH = 2000
"""Characters behind an answer in which it may be taken back."""
_SHORT = 80
_OTHER_VALUE = late_pattern(
    r"""[^\w\n]*\s? (?P<words>(?:[^\W\d]['\u2019\w]*(?:[\s,:.;!\u2014\u2013-]+|(?=\d))){1,6})
    (?P<value>[$€£]?\d[\d,.]*\d|\d|[A-J])[.!?)\]*\s]*""",
    re.VERBOSE,
)
"""All that follows an answer is a few words and another value, as in `Ahem, 5.`"""
_SETS_APART = late_pattern(
    r"\b(?:not|n['\u2019]t|than|instead|unlike|over|answers?|think|confiden\w+|certain\w*|sure|page|version|steps?|options?|choices?|parts?|cases?|methods?|equations?|lines?|would|could|without|was|difficulty|rating"
    r"|score|time|grade|unit|question|problem|wrong|incorrect)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_LINE = 200
"""Characters before the end of an answer in which it is announced."""


def correction(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the range of what replaces the answer at `start:end` behind it; an empty one where it is only taken back;
    None where it stands.
    """
    turns = list(_TURN.finditer(text, end, end + _REACH))
    if any(turn["open"] for turn in turns):
        return end, end
    strong = any(not turn["weak"] for turn in turns)
    behind = text[turns[0].start() : end + _REACH] if turns else ""
    put = [found for found in _PUT.finditer(behind) if found["firm"] or strong]
    if put:
        return turns[0].start() + put[-1].start("value"), turns[0].start() + put[-1].end("value")
    if turns and _taken_back(text[start:end], behind, not strong):
        return end, end
    abroad = not strong and _turns_abroad(text, end)
    return (end, end) if abroad or _ends_in_another(text, start, end) else None


def _turns_abroad(text: str, end: int) -> bool:
    turn = _turn_abroad(text, end, end + _REACH)
    return turn is not None and not AFFIRMS_ABROAD.search(text, turn.end(), end + _REACH)


def _ends_in_another(text: str, start: int, end: int) -> bool:
    """Whether all that follows is a few words and another value of the same form, without a word that sets it apart."""
    other = _OTHER_VALUE.fullmatch(text, end) if len(text) - end < _SHORT else None
    if other is None or _SETS_APART.search(other["words"]):
        return False
    return other["value"] != text[start:end] and other["value"].isalpha() == text[start : start + 1].isalpha()


def turns_between(text: str, start: int, end: int) -> bool:
    """Return whether the text takes back what stands before `start`, so that what stands behind `end` replaces it."""
    turn = _TURN.search(text, start, end)
    return (turn is not None and turn["weak"] is None) or _turn_abroad(text, start, end) is not None


def _turn_abroad(text: str, start: int, end: int) -> re.Match[str] | None:
    """Behind an answer in another language: elsewhere `pardon` and `moment` are other words."""
    line = text.rfind("\n", max(0, start - _LINE), start) + 1
    announced = announced_in_other_language(text[max(line, start - _LINE) : start])
    return TURN_ABROAD.search(text, start, end) if announced else None


def _taken_back(stated: str, behind: str, weakly: bool) -> bool:
    """Without a new value: words deny it and none affirms it, or other numbers come up and not its own."""
    affirmed = {word.casefold() for word in _AFFIRMS.findall(_DENIED_RIGHT.sub("", behind))}
    if affirmed - ({"yes"} if stated.casefold() in ("no", "false") else set()):
        return False
    numbers, own = _NUMBER.findall(behind), _NUMBER.findall(stated)
    denied = _DENIES.search(behind) is not None
    if _says(behind, stated) if denied and _COMPOSED.search(stated) else own and own[-1] in numbers:
        return False
    return denied or (bool(numbers) and bool(own) and not weakly)


def _says(text: str, stated: str) -> bool:
    """Whether all of it stands there, however it is spaced."""
    spaced = r"[\s$]*".join(map(re.escape, _SPACE.sub("", stated)))
    return re.search(rf"(?<![\d}})*/^\\+-]){spaced}(?![\w{{^(*/+%\\-])", text) is not None


_SPACE = late_pattern(r"[\s$]+")
_COMPOSED = late_pattern(
    r"[+*/^<>(\[{\\\u2264\u2265\u00b1]|[-=](?!\s?\d[\d.,]*\Z)|\d:\d|\d[a-z]|[a-z]\d|\d(?:,(?!\d{3})\s?|\s?(?:and|or)\s|\s)\d"
)
"""More than a number and its unit: another answer may hold the same numbers."""
_DENIED_RIGHT = late_pattern(
    r"(?:\bnot|n['\u2019]t)\s(?:be\s|quite\s)?(?:right|correct)\b|\bincorrect\b", re.IGNORECASE
)

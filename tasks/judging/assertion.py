"""Whether a text asserts a choice that it mentions: says that it is the answer, rules it out, or does neither.

A choice is asserted by what stands before it (`the answer is`, `I choose`, `so it must be`), by what stands behind it
(`is correct`, `fits best`), or where its clause is the choice and no more (`B.`, `B, because …`). All other words,
`avoid`, `hardly`, `is out`, `is a distractor`, assert nothing, whether or not they reject it.
"""

import re
from enum import Enum, auto


class Standing(Enum):
    ASSERTED = auto()
    RULED_OUT = auto()
    MENTIONED = auto()


_REACH = 90
"""Characters around a mention in which its clause is looked at."""
_NOT = r"""\b(?: not|no(?!\ doubt)|never|neither|nor|cannot|wrong(?:ly)?|incorrect(?:ly)?|false|untrue|impossible
    | eliminat(?:e|es|ed|ing) | rul(?:e|es|ed|ing)\ out | exclud(?:e|es|ed|ing) | reject(?:s|ed|ing)?
    | \w*n['\u2019]t )\b"""
_RULES_OUT_BEFORE = re.compile(
    rf"""(?: (?:{_NOT} | \b(?:without|except|unlike|than|instead|believed|thought
        |assumed)\b) (?:(?!\bbut\b)[^.;,:!?\n])*
      | \bover\s(?:option\s|choice\s)?[(\["'*_]* )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_RULED_OUT_AFTER = re.compile(
    rf"""(?: (?:(?!\b(?:because|since|as|which|that|who|and|but|so|or)\b)[^.;,:!?\n\x00])*? {_NOT}
      | [\s)\]*_"']*[:\u2013\u2014-]\s*(?:\u2717|\u2718|\u274c|\u2716)
      | ,?\s(?:which|and\sthat|and\sit)\s(?:is|was|seems)\s(?:\w+ly\s)?(?:wrong|incorrect|false|not)\b
      | \s(?:(?:is|are|was|were|seems|looks)\s(?:out|too|an?\sdistractors?|un(?:likely|related|supported)|irrelevant
        |implausible)
        |fails?|contradicts?|lacks?|violates?|can\sbe\s(?:dismissed|discarded|dropped))\b
      | [.,!]?\s*(?:no|nope|wrong|incorrect|false|eliminated)\s*[.!,)]?\s*(?:\Z|\n)
      | \s(?:if|unless)\b )""",
    re.IGNORECASE | re.VERBOSE,
)
"""`B is wrong`, but neither `B, not C` nor `B because it is not red`."""
_BOUNDARY = re.compile(
    r"""[.;!?\n,\u3002\u3001] | \s[\u2013\u2014-]\s | \u2014
      | \b(?P<word>but|so|thus|hence|therefore|however|because|since|although|though|while|whereas|and|or|yet)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SUBORDINATE = frozenset(("because", "since", "although", "though", "while", "whereas"))
_ADVERB = r"""(?:definitely|clearly|surely|certainly|obviously|probably|likely|finally|yes|ok(?:ay)?|indeed|simply
        |just|then
    |again|still|really|actually|instead|rather|most\slikely|in\sfact|overall|in\sconclusion|now|well|of\scourse
    |only|yet|so|thus|hence|therefore|all\sin\sall|ultimately|always|undoubtedly|correctly)"""
_ADJECTIVE = r"""(?:correct|right|best|final|only|true|most\s\w+|closest|appropriate|valid|logical|likely|proper
    |accurate|suitable|remaining|better|obvious|single|intended|expected|fitting)"""
_NOUN = r"""(?:answer|choice|option|letter|solution|response|one|selection|pick|conclusion|match|guess|vote|bet|result
    |final|selected)"""
_THING = rf"""(?:it|this|that|(?:(?:the|my|our|an?)\s)?(?:{_ADJECTIVE}\s)*{_NOUN}
    (?:\s(?:here|(?:to|for|of)\s(?:this|the)\s\w+))?)"""
_COPULA = r"""(?:['\u2019]s(?:\sgot(?:ta|\sto)\sbe)?|\s(?:is|are|was|must\sbe|has\sto\sbe|should\sbe|would\sbe
    |will\sbe|can\sonly\sbe|seems\sto\sbe|appears\sto\sbe|remains|becomes))"""
_CHOOSES = rf"""(?:(?:(?:I|we)(?:['\u2019](?:d|ll|m|re|ve)|\s(?:would|will|am|are|shall|must|have|can))*
      (?:\s{_ADVERB})*|let['\u2019]s|let\s(?:us|me)|please)\s)?
    (?:choose|chose|chosen|choosing|pick|picked|picking|select|selected|selecting|go(?:ing)?\s(?:with|for)|went\swith
    |opt\sfor|vote\sfor|settle\s(?:on|for)|mark|circle|answer|take
    |(?:(?:this|that|which)\s)?leaves?(?:\s(?:us|me))?(?:\s(?:with|only))*|left\swith(?:\sonly)?|leaving(?:\s(?:us|only|with))*)"""
_HOLDS = rf"""(?:(?:I|we)(?:['\u2019](?:d|ll|m|re)|\s(?:would|will|am|are|must|can))*(?:\s{_ADVERB})*
    \s(?:think|believe|guess|say|conclude|know|find|see|infer|deduce|(?:fairly\s|quite\s|very\s)?(?:sure
      |certain|confident|convinced))
    | (?:there\sis\s|I\shave\s)?no\sdoubt | (?:this|that|which)\s(?:means|shows|implies|confirms|proves)
    | it\s(?:is|seems)\s(?:clear|likely|obvious|evident) )(?:\s(?:that|is))?"""
_OPENS = r"""[\s"'\u201c\u300c\u3010(\[{$>#*_|-]*"""
_MARKED = rf"(?:(?:the|an?)\s)?(?:(?:option|choice|letter|answer|number|statement)\s*:?\s*)?{_OPENS}"
_ABROAD = r"""(?:我|本题|这题|故|综上|应该?|正确|所以|因此|则|[\s:])*(?:选择?项?|選択?肢?|答案)
      (?:是|为|為|选|選|应为|应选|[\s:])*
    | (?:正解|答え|回答)は | (?:정답|답)은
    | (?:(?:la|a|o|die|le|il)\s)?(?:opci[oó]n|opção|opzione|alternativa|вариант|(?:lựa\s)?chọn|pilihan|seçenek
        |antwort|letra|lettre|lettera)(?:\s(?:correct[ao]|corrett[ao]|corret[ao]|exacte|richtige))?
      (?:\s(?:es|est|ist|é|è|là|adalah))?(?:\s(?:la|a|o))?(?:\s(?:letra|lettre|lettera))?
    | (?:la|a|die)"""
_NAMES = re.compile(
    rf"""{_OPENS} (?:{_ADVERB},?\s+)* (?:{_HOLDS}\s+)? (?:{_ADVERB}\s+)*
    (?: {_THING}["'*_]*{_COPULA} | {_THING}\s*["'*_]*\s*(?:=>|[:=]) | (?:=|-)> | {_CHOOSES}
        | {_ABROAD} ) (?:\s+{_ADVERB})* (?:\s+|(?<=[:=])|(?<=\W)|\Z) \s*
    {_MARKED}""",
    re.IGNORECASE | re.VERBOSE,
)
"""Before a choice: what follows is the answer."""
_BARE = re.compile(
    rf"{_OPENS}(?:{_ADVERB},?\s+)*(?:{_HOLDS}\s+)?(?:{_ADVERB}\s+)*{_MARKED}", re.IGNORECASE | re.VERBOSE
)
"""Before a choice: nothing, or what may go on with anything."""
_IDENTIFIES = re.compile(
    r"""\s*(?:[\w'\u2019-]+\s+){0,6}?(?:is|are|was|were|equals?|becomes?|means?|leads?\sto|results?\sin|causes?
        |gives?|shows?|yields?
    |produces?|represents?|indicates?|suggests?|implies|creates?|makes?|called|named)\s+(?:the\s|an?\s
        |to\sbe\s)?["'*_]*""",
    re.IGNORECASE | re.VERBOSE,
)
"""Before the text of a choice: a sentence that ends in it."""
_CLOSES = r"""[)\]}"'\u201d\u300d\u3011*_$]*"""
_ENDS = (
    r"(?=\s*(?:[.,;!\n\u3002\uff0c]|\Z)|\s(?:to|for|of|here|in|among|based|given|because|since|as)\b|\s[\u2013\u2014-])"
)
_CONFIRMS = re.compile(
    rf"""{_CLOSES} (?: (?:\s(?:is|are|must\sbe|has\sto\sbe|should\sbe|seems|looks|appears|remains)
        |['\u2019]s)\s(?:to\sbe\s)?(?:{_ADVERB}\s)*
        (?:(?:the|my|our|an?)\s)?(?:{_ADJECTIVE}\s)*(?:{_ADJECTIVE}|{_NOUN})\b
      | \s(?:fits|works|matches|holds|wins|applies|it\sis)(?:\s(?:best|well|here|everything|perfectly|(?:the|this
        |all)\s\w+))?
      | \swould\sbe\s(?:my|the)\s(?:final\s|best\s)?(?:answer|choice|pick)
      | [.:]?\s*(?:[\u2013\u2014:-]|=>)\s*(?:yes|correct|right|\u2713|\u2714|\u2705)
      | \s*(?:选?项?\s?是?(?:正确|对)的?|が正しい|です|입니다|이다|选?项)
      | \s(?:es|est|ist|é|è)\s(?:(?:la|le|il|die|a|o)\s)?(?:correct[aeo]?|corret[ao]|corrett[ao]|richtige?|bonne
        |juste) ) {_ENDS}""",
    re.IGNORECASE | re.VERBOSE,
)
_STOPS = re.compile(
    rf"""{_CLOSES} (?: \s*(?:[.!;,\n\u3002]|\Z) | ,?\s+(?:because|since|as|due\sto|given|for\ssure
        |without\s(?:a\s)?doubt|instead\sof|rather\sthan|over|only
        |not|and|or|but\snot)\b | \s*[/&] | \s*[\u2013\u2014-]\s*(?:because|since|as|it|the|this)\b | \s*\( )""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDS = re.compile(
    rf"{_CLOSES}(?:\s(?:here|then|to|for|of|in|on|among|based|given|from|with|according|which\sis)\b"
    r"|:\s|\s?[\u2013\u2014]\s?|\s-\s)",
    re.IGNORECASE,
)
_LABELS_ON = re.compile(r"[)\]]*[:.)]\s*\S")
_DESCRIBES = re.compile(rf"{_CLOSES}\s(?:is|are)\s(?:the|in|its|their)\b", re.IGNORECASE)
_ADVERSE = re.compile(
    r"""\b(?:not|no|never|wrong\w*|incorrect\w*|false|least|if|unless|would|could|might|may|except|believed|thought
        |considered|claimed|said|reported|supposed|alleged|argued|hardly
    |distractors?|worst|fail\w*|exclud\w+|eliminat\w+|reject\w*|rul\w+\sout|crossed|out|avoid\w*|opposite
        |disagree\w*|doubt\w*|den\w+
    |un(?:likely|true|related|suitable)|impossible|contradict\w*|mistake\w*|trap|too|neither|nor|cannot|some|many
        |people)\b|n['\u2019]t\b""",
    re.IGNORECASE | re.VERBOSE,
)
_TAKEN_BACK = re.compile(
    r"""\b(?:it|that|this) (?: (?:(?:['\u2019]s|\sis|\swas)\snot|\s(?:is|was)n['\u2019]t)\s(?:the\s(?:answer|one)
        |right|correct|it)
      | (?:['\u2019]s|\sis|\swas)\s(?:wrong|incorrect|a\smistake) )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIES_FIRST = re.compile(r"\b(?:not|neither|cannot)\b|n['\u2019]t\b", re.IGNORECASE)


def standing(text: str, start: int, end: int, is_text: bool) -> Standing:
    """Of the mention at `start:end`; `is_text` where the choice's own text is, or is part of, the mention."""
    window = max(0, start - _REACH)
    before, after = text[window:start], text[end : end + _REACH]
    if _RULES_OUT_BEFORE.search(before[-40:]) or _RULED_OUT_AFTER.match(after[:40]):
        return Standing.RULED_OUT
    if _asks(after) or _TAKEN_BACK.search(text, end, end + 5 * _REACH):
        return Standing.MENTIONED
    boundary = next(reversed(list(_BOUNDARY.finditer(before))), None)
    clause = before[boundary.end() :] if boundary else before
    joint = (boundary["word"] or "").lower() if boundary else ""
    beyond_reach = boundary is None and window > 0
    all_but = joint == "but" and not clause.strip() and not _DENIES_FIRST.search(before)
    if beyond_reach or all_but or joint in _SUBORDINATE:
        return Standing.MENTIONED
    return Standing.ASSERTED if _asserts(clause, after, is_text, boundary is None) else Standing.MENTIONED


def _asks(after: str) -> bool:
    stop = re.search(r"[.!?\n](?=\W*(?:\s|$))", after)
    return stop is not None and stop[0] == "?"


def _asserts(clause: str, after: str, is_text: bool, first: bool) -> bool:
    rest = re.split(r"[.;!?\n,]|\s(?:because|since|instead|rather|over|not|but)\b", after, maxsplit=1)[0]
    if _NAMES.fullmatch(clause):
        return not _ADVERSE.search(rest) and any(goes_on.match(after) for goes_on in (_STOPS, _CONFIRMS, _ADDS))
    if _BARE.fullmatch(clause):
        if _CONFIRMS.match(after):
            return True
        if _STOPS.match(after):
            return not (re.match(rf"{_CLOSES}\s*\(", after) and _ADVERSE.search(after.partition(")")[0]))
        sentence = re.split(r"[!?\n]|\.\s", after[2:], maxsplit=1)[0]
        if first and _LABELS_ON.match(after):
            return not _ADVERSE.search(sentence)
        return is_text and _DESCRIBES.match(after) is not None and not _ADVERSE.search(rest)
    return is_text and _IDENTIFIES.fullmatch(clause) is not None and not _ADVERSE.search(clause + rest)

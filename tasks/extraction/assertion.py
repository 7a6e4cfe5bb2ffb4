"""Whether a text asserts a choice that it mentions: says that it is the answer, rules it out, or does neither.

A choice is asserted by what stands before it (`the answer is`, `I choose`, `so it must be`), by what stands behind it
(`is correct`, `fits best`), or where its clause is the choice and no more (`B.`, `B, because …`). All other words,
`avoid`, `hardly`, `is out`, `is a distractor`, assert nothing, whether or not they reject it.
"""
# ruff: noqa: RUF001

import re
from collections.abc import Sequence
from enum import Enum, auto

from tasks.extraction.phrase import of_another_question
from tasks.extraction.vocabulary import affirms, denied, has_denial, has_negator


class Standing(Enum):
    ASSERTED = auto()
    CONCLUDED = auto()
    """Asserted behind `so` or `but`: what is only mentioned before it led there."""
    RULED_OUT = auto()
    MENTIONED = auto()
    REASON = auto()
    """Mentioned in a reason: behind `because`."""


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
      | [\s)\]*_"']*[:\u2013\u2014-]?\s*(?:\u2717|\u2718|\u274c|\u2716)
      | ,?\s(?:which|and\sthat|and\sit)\s(?:is|was|seems)\s(?:\w+ly\s)?(?:wrong|incorrect|false|not)\b
      | \s(?:(?:is|are|was|were|seems|looks)\s(?:out|too|an?\sdistractors?|un(?:likely|related|supported)|irrelevant
        |implausible)|fails?|contradicts?|lacks?|violates?|can\sbe\s(?:dismissed|discarded|dropped))\b
      | [.,!\u2026]*\s*(?:no|not|nope|wrong|incorrect|false|eliminated)\s*[.!,)]?\s*(?:\Z|\n)
      | \s(?:if|unless)\b )""",
    re.IGNORECASE | re.VERBOSE,
)
"""`B is wrong`, but neither `B, not C` nor `B because it is not red`."""
_BOUNDARY = re.compile(
    r"""[.;!?\n,\u3002\u3001] | \s[\u2013\u2014-]\s | \u2014
      | 아니라|아니고|ではなく|じゃなく | \b(?P<word>but|sino|sondern|mais|mas|ma|maar|utan|а|но|so|thus|hence|therefore
        |however|because|since|although|though|while|whereas|and|or|yet)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_BUTS = frozenset(("but", "sino", "sondern", "mais", "mas", "ma", "maar", "utan", "а", "но"))
_CONCLUDES = frozenset(("so", "thus", "hence", "therefore", "however"))
_REASONS = frozenset(("because", "since"))
_SUBORDINATE = frozenset(("although", "though", "while", "whereas"))
_ADVERB = r"""(?:definitely|clearly|surely|certainly|obviously|probably|likely|finally|yes|ok(?:ay)?|indeed|simply|just
      |then|again|still|really|actually|instead|rather|most\slikely|in\sfact|overall|in\sconclusion|now|well|of\scourse
      |only|yet|so|thus|hence|therefore|all\sin\sall|ultimately|always|undoubtedly|correctly)"""
_ADJECTIVE = r"""(?:correct|right|best|final|only|true|closest|most\s(?:likely|probable|appropriate|accurate|suitable
      |plausible|reasonable|logical|fitting|correct|relevant|precise|complete|sensible|consistent|direct)|appropriate
      |valid|logical|likely|proper|accurate|suitable|remaining|better|obvious|single|intended|expected|fitting)"""
_NOUN = r"""(?:answer|choice|option|letter|solution|response|one|selection|pick|conclusion|match|guess|vote|bet|result
      |final|selected)"""
_ADVERSE_WORDS = r"""(?:\b(?:not|no|nothing|never|wrong\w*|incorrect\w*|false|least|if|unless|would|could|might|may
      |except|believed|thought|considered|claimed|said|reported|supposed|alleged|argued|hardly|nobody|distractors?|worst
      |fail\w*|exclud\w+|eliminat\w+|reject\w*|rul\w+\sout|crossed|out|avoid\w*|opposite|disagree\w*|doubt\w*|den\w+
      |un(?:likely|true|related|suitable)|impossible|contradict\w*|mistake\w*|trap|too|neither|nor|cannot|some|many
      |people)\b|n['\u2019]t\b)"""
_THING = rf"""(?:it|this|that|(?:(?:the|my|our|an?)\s)?(?:{_ADJECTIVE}\s)*{_NOUN}
    (?:\s(?:here|given|listed|(?:to|for|of|among)\s(?:this|the)\s\w+|among\s(?:these|those|them)|(?:that
      |which)\s(?:(?:best|fully|correctly)\s)?(?:is\s{_ADJECTIVE}|(?:works|fits|matches|makes|satisfies|meets|applies
      |describes|explains|completes|represents|corresponds|aligns|follows
      |remains)(?:\s(?!{_ADVERSE_WORDS})[\w-]+){{0,5}}?)))?)"""
_COPULA = r"""(?:['\u2019]s(?:\sgot(?:ta|\sto)\sbe)?|\s(?:is|are|was|must\sbe|has\sto\sbe|should\sbe|would\sbe|will\sbe
      |can\sonly\sbe|seems\sto\sbe|appears\sto\sbe|remains|becomes))"""
_CHOOSES = rf"""(?:(?:(?:I|we)(?:['\u2019](?:d|ll|m|re|ve)|\s(?:would|will|am|are|shall|must|have|can))*
      (?:\s{_ADVERB})*|let['\u2019]s|let\s(?:us|me)|please)\s)?
    (?:choose|chose|chosen|choosing|pick|picked|picking|select|selected|selecting|go(?:ing)?\s(?:with|for)|went\swith
      |opt\sfor|vote\sfor|settle\s(?:on|for)|mark|circle|answer|take|(?:(?:this|that|which)\s)?leaves?(?:\s(?:us
      |me))?(?:\s(?:with|only))*|left\swith(?:\sonly)?|leaving(?:\s(?:us|only|with))*)"""
_HOLDS = rf"""(?:(?:I|we)(?:['\u2019](?:d|ll|m|re)|\s(?:would|will|am|are|must|can))*(?:\s{_ADVERB})*
    \s(?:think|believe|guess|say|conclude|know|find|see|infer|deduce|(?:fairly\s|quite\s|very\s)?(?:sure|certain
      |confident|convinced))
    | (?:there\sis\s|I\shave\s)?no\sdoubt | (?:this|that|which)\s(?:means|shows|implies|confirms|proves)
    | it\s(?:is|seems)\s(?:clear|likely|obvious|evident) )(?:\s(?:that|is))?"""
_OPENS = r"""[\s"'\u201c\u300c\u300e\u3010(\[{$>#*_|\u2705\u2714\ufe0f\u27a1\U0001f449-]*"""
_MARKED = rf"(?:(?:the|an?)\s)?(?:(?:option|choice|letter|answer|number|statement)\s*:?\s*)?{_OPENS}"
_NAMES = re.compile(
    rf"""{_OPENS} (?:{_ADVERB},?\s+)* (?:{_HOLDS}\s+)? (?:{_ADVERB}\s+)*
    (?: {_THING}["'*_]*{_COPULA}(?:\s?:)? | {_THING}\s*["'*_]*\s*(?:=>|[:=]) | (?:=|-)>
        | {_CHOOSES} ) (?:\s+{_ADVERB})* (?:\s+|(?<=[:=])|(?<=\W)|\Z) \s*
    {_MARKED}""",
    re.IGNORECASE | re.VERBOSE,
)
"""Before a choice: what follows is the answer."""
_BARE = re.compile(
    rf"{_OPENS}(?:{_ADVERB},?\s+)*(?:{_HOLDS}\s+)?(?:{_ADVERB}\s+)*{_MARKED}", re.IGNORECASE | re.VERBOSE
)
"""Before a choice: nothing, or what may go on with anything."""
_IDENTIFIES = re.compile(
    r"""\s*(?:[\w'\u2019-]+\s+){0,6}?(?:is|are|was|were|equals?|becomes?|means?|leads?\sto|results?\sin|causes?|gives?
      |shows?|yields?|es|est|ist|é|è|är|jest|adalah|là|produces?|represents?|indicates?|suggests?|implies|creates?
      |makes?|called|named)\s+(?:the\s|an?\s|to\sbe\s)?["'*_]*""",
    re.IGNORECASE | re.VERBOSE,
)
"""Before the text of a choice: a sentence that ends in it."""
_CLOSES = r"""[)\]}"'\u201d\u300d\u300f\u3011*_$]*"""
_ENDS = (
    r"(?=\s*(?:[.,;!\n\u3002\uff0c]|\Z)|\s(?:here|among|based|given|because|since|as"
    r"|(?:to|for|of|in)\s(?:this|the|these|your|our|all))\b|\s[\u2013\u2014-])"
)
_CONFIRMS = re.compile(
    rf"""{_CLOSES} (?: (?:\s(?:is|are|must\sbe|has\sto\sbe|should\sbe|seems|looks|appears|remains)
      |['\u2019]s)\s(?:to\sbe\s)?(?:{_ADVERB}\s)*
        (?: (?:the|my|our)\s(?:{_ADJECTIVE}\s)*{_NOUN} | (?:(?:the
          |an?)\s)?(?:{_ADJECTIVE}\s)*{_ADJECTIVE}(?:\s{_NOUN})? )\b
      | \s(?:fits|works|matches|holds|wins|applies|it\sis)(?:\s(?:best|well|here|everything|perfectly|(?:the|this
        |all)\s\w+))?
      | \swould\sbe\s(?:my|the)\s(?:final\s|best\s)?(?:answer|choice|pick)
      | [.:]?\s*(?:[\u2013\u2014:-]|=>)\s*(?:yes|correct|right)
        | [.:\u2013\u2014-]?\s*[\u2713\u2714\u2705] ) {_ENDS}""",
    re.IGNORECASE | re.VERBOSE,
)
_STOPS = re.compile(
    rf"""{_CLOSES} (?: \s*(?:[.!;,\n\u3002]|\Z) | ,?\s+(?:because|since|as|due\sto|given|for\ssure
      |without\s(?:a\s)?doubt|instead\sof|rather\sthan|over|only(?=\W*(?:\Z|[.,;!\n]))|not|and|or|but\snot)\b | \s*[/&]
      | \s*[\u2013\u2014-]\s*(?:because|since|as|it|the|this)\b | \s*\( )""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDS = re.compile(
    rf"{_CLOSES}(?:\s(?:here|then|to|for|of|in|on|among|based|given|from|with|according|which\sis)\b"
    r"|:\s|\s?[\u2013\u2014]\s?|\s-\s)",
    re.IGNORECASE,
)
_LABELS_ON = re.compile(r"[)\]]*(?:[.)]\s*\S|:\s*(?:because|since|as|it|this|the)\b)", re.IGNORECASE)
_DESCRIBES = re.compile(rf"{_CLOSES}\s(?:is|are)\s(?:the|its|their)\b", re.IGNORECASE)
_ASIDE = re.compile(rf"{_CLOSES}\s*\(([^)]*)")
_FRAGMENT = re.compile(rf"{_CLOSES}[.:]\s*((?:[^\W\d_]{{1,15}}\s?){{1,2}})[.!]?\s*(?:\Z|\n)")
"""`B. Irrelevant.`"""
_DASH = re.compile(rf"{_CLOSES}\s?[\u2013\u2014]\s|{_CLOSES}\s-\s")
_GOES_ON_AGAINST = re.compile(
    rf"""{_CLOSES},\s(?: (?:which|that|who|as|according)\b[^.!?\n]*?{_ADVERSE_WORDS} | just\s(?:kidding|joking)
      | (?:is|was|are|were|has|had|seems|would|could|(?:or\s)?(?:so\s)?(?:they|he|she|some|people|many)|\w+edly)\b )
    | {_CLOSES},?\sor\s(?:something|some|another|maybe|perhaps|possibly|none|neither|both)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""`The old answer, B, was wrong.`, `B or something else`"""
_SENTENCE = re.compile(r"[!?\n]|\.\s")
_DIVERTS = re.compile(rf"\b(?:different|another|other)\b|{_ADVERSE_WORDS}", re.IGNORECASE | re.VERBOSE)
"""`B is the right answer to another question`, `B is the best option to avoid`."""
_LEAVES = re.compile(r"\bleav\w+|\bleft\b|\belimination\b", re.IGNORECASE)
_LEAD = re.compile(rf"{_OPENS}(?:{_ADVERB}|{_THING}|hmm)\W*", re.IGNORECASE | re.VERBOSE)
_LETTER = re.compile(r"[^\W\d_]")
_REST = re.compile(r"[.;!?\n,]|\s(?:because|since|instead|rather|over|not|but)\b")
_END_OF_CLAUSE = re.compile(r"[.;!?\n,\u3002\u0964]|(?<=\w)\s[\u2013\u2014-]\s")
_ADVERSE = re.compile(_ADVERSE_WORDS, re.IGNORECASE | re.VERBOSE)
_TAKEN_BACK = re.compile(
    r"""\b(?:it|that|this) (?: (?:(?:['\u2019]s|\sis|\swas)\snot|\s(?:is|was)n['\u2019]t)\s(?:the\s(?:answer|one)|right
      |correct|it)
      | (?:['\u2019]s|\sis|\swas)\s(?:wrong|incorrect|a\smistake) )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIES_FIRST = re.compile(r"\b(?:not|neither|cannot)\b|n['\u2019]t\b", re.IGNORECASE)


def standing(text: str, start: int, end: int, is_text: bool) -> Standing:
    """Return the standing of the mention at `start:end`; `is_text` where the choice's own text is, or is part of, the
    mention.
    """
    window = max(0, start - _REACH)
    before, after = text[window:start], text[end : end + _REACH]
    near, next_to = before[-40:], after[:40]
    if _RULES_OUT_BEFORE.search(near) or _RULED_OUT_AFTER.match(next_to) or denied(near, next_to):
        return Standing.RULED_OUT
    if _asks(after) or of_another_question(text, start) or _TAKEN_BACK.search(text, end, end + 5 * _REACH):
        return Standing.MENTIONED
    boundaries = list(_BOUNDARY.finditer(before))
    boundary = boundaries[-1] if boundaries else None
    clause = before[boundary.end() :] if boundary else before
    joint = (boundary["word"] or "").lower() if boundary else ""
    if joint in _REASONS:
        return Standing.REASON
    beyond_reach = boundary is None and window > 0
    all_but = joint in _BUTS and not clause.strip() and not _contrasts(before[: boundaries[-1].start()], after)
    if beyond_reach or all_but or joint in _SUBORDINATE:
        return Standing.MENTIONED
    if not _asserts(clause, after, is_text, _leads(before, boundaries)):
        return Standing.MENTIONED
    return Standing.CONCLUDED if joint in _BUTS | _CONCLUDES or _LEAVES.search(clause) else Standing.ASSERTED


def _contrasts(before: str, after: str) -> bool:
    """Whether `but` sets what follows against what stands before it: `not A but B`, not `all but B`."""
    denies = _DENIES_FIRST.search(before) or has_negator(before)
    return bool(denies) or (before.rstrip().endswith(",") and _CONFIRMS.match(after) is not None)


def _leads(before: str, boundaries: Sequence[re.Match[str]]) -> bool:
    """Whether what stands before the comma or dash in front of a bare choice may lead to it: not `perhaps, B`."""
    if not boundaries or boundaries[-1][0].strip() not in (",", "-", "\u2013", "\u2014"):
        return True
    segment = before[boundaries[-2].end() if len(boundaries) > 1 else 0 : boundaries[-1].start()].strip()
    lone_word = re.fullmatch(r"\W*[^\W\d_]{2,}\W*", segment) is not None
    if lone_word:
        return affirms(segment) or _LEAD.fullmatch(segment) is not None
    return segment.lower().startswith("by ") or not _denies(segment)


def _asks(after: str) -> bool:
    stop = re.search(r"[.!?\n](?=\W*(?:\s|$))", after)
    return stop is not None and stop[0] == "?"


def _asserts(clause: str, after: str, is_text: bool, led: bool) -> bool:
    """`led`: nothing stands before the clause that keeps a bare choice in it from being asserted."""
    rest = _REST.split(after, maxsplit=1)[0]
    behind = _END_OF_CLAUSE.split(after, maxsplit=1)[0]
    if affirms(clause) and affirms(behind) and _LETTER.search(clause + behind):
        return True
    if _NAMES.fullmatch(clause):
        return not _ADVERSE.search(rest) and any(goes_on.match(after) for goes_on in (_STOPS, _CONFIRMS, _ADDS))
    if _BARE.fullmatch(clause):
        if confirmed := _CONFIRMS.match(after):
            return not _DIVERTS.search(rest, min(confirmed.end(), len(rest)))
        return led and _stands_alone(after, is_text)
    return is_text and _IDENTIFIES.fullmatch(clause) is not None and not _denies(clause + rest)


def _stands_alone(after: str, is_text: bool) -> bool:
    """Whether what follows a bare choice is its end, or goes on without a word against it."""
    sentence = _SENTENCE.split(after[2:], maxsplit=1)[0]
    if aside := _ASIDE.match(after):
        return len(aside[1].split()) > 1 and not _denies(aside[1])
    if fragment := _FRAGMENT.match(after):
        return affirms(fragment[1])
    if _STOPS.match(after):
        return not _GOES_ON_AGAINST.match(after)
    if _LABELS_ON.match(after):
        return len(sentence.split()) > 2 and not _denies(sentence)
    described = (
        _REST.split(after, maxsplit=1)[0] if _DESCRIBES.match(after) else sentence if _DASH.match(after) else None
    )
    return is_text and described is not None and not _denies(described)


def _denies(text: str) -> bool:
    return _ADVERSE.search(text) is not None or has_denial(text)

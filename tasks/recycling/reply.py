"""What a teacher's reply says of a pair: keep it, or another one, or why it says nothing that can be used. Pure.

The prompts ask for `<name>…</name>`. Read as well, because models fall back on them: the same names as headings, such
as `## New instruction`, `**New response:**` or `[New response]`, each section up to the next one or to `[End]`. Nothing
is ever taken from another place: a new instruction without its response is no pair.
"""

import re
from dataclasses import dataclass

from schemas.call import CUT_OFF, Call, CallEnd
from schemas.pair import Change, PairStage
from schemas.record import clean_text

CRITIQUE, DECISION, INSTRUCTION, RESPONSE = "critique", "decision", "new instruction", "new response"
WANTED = {
    PairStage.INSTRUCTION: (INSTRUCTION, RESPONSE),
    PairStage.RESPONSE: (RESPONSE,),
    PairStage.BOTH: (RESPONSE,),
}
"""The sections that make a pair of each stage."""
PLACEHOLDERS = frozenset({"the new instruction", "the new response", "new instruction", "new response", "n/a"})
"""What the prompts write where a text goes, and what is written for none; only where nothing else stands."""

_NAMES = "|".join(name.replace(" ", "[ _]?") for name in (CRITIQUE, DECISION, INSTRUCTION, RESPONSE))
_TAG = re.compile(rf"<\s*(/?)\s*({_NAMES})\s*>", re.IGNORECASE)
_HEADING = re.compile(
    rf"^[ \t]*(?:\#+[ \t]*|[*_]{{2}}|\[)+(?:\d[.)][ \t]*)?({_NAMES}|end)[ \t]*:?(?:[*_]{{2}}|\])*[ \t]*:?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_EDGES = re.compile(r"\A[\s\[\](){}<>*_.\u2026\"'`-]+|[\s\[\](){}<>*_.\u2026\"'`-]+\Z")
_KEEPS = re.compile(r"\W*keep\b", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedReply:
    """One reply. With `change` accepted it holds the texts of a new pair; otherwise why there is none."""

    change: Change
    critique: str | None = None
    instruction: str | None = None
    """None where the reply was to be about the response alone."""
    response: str | None = None


def read_reply(call: Call, stage: PairStage) -> ParsedReply:
    """Return the reading of a call that was made for a pair of `stage`."""
    if call.ended is not CallEnd.ANSWERED:
        return ParsedReply(Change.REFUSED if call.ended is CallEnd.REFUSED else Change.UNREADABLE)
    if call.refusal or call.finish_reason == "content_filter":
        return ParsedReply(Change.DECLINED)
    text = re.split(r"</think(?:ing)?>", clean_text(call.content or ""))[-1].strip()
    if call.finish_reason in CUT_OFF:
        return ParsedReply(Change.TRUNCATED)
    if not text:
        return ParsedReply(Change.EMPTY)
    # an endpoint that names the end of its reply says that the last section is whole
    found = _by_tags(text) if _TAG.search(text) else _by_headings(text, bool(call.finish_reason))
    return _reading(found, WANTED[stage])


Sections = dict[str, list[str | None]]
"""By name, what stands in each section; None for one that has no end."""


def _reading(found: Sections, wanted: tuple[str, ...]) -> ParsedReply:
    critique = next((text for text in found.get(CRITIQUE, []) if text), None)
    decisions = found.get(DECISION, [])
    keeps = bool(decisions) and all(text and _KEEPS.match(text) for text in decisions)
    given = [name for name in wanted if name in found]
    if keeps:
        return ParsedReply(Change.CONTRADICTORY if given else Change.GOOD_ALREADY, critique)
    texts = {}
    for name in wanted:
        sections = found.get(name, [])
        fault = _fault(sections)
        if fault:
            return ParsedReply(fault, critique)
        texts[name] = str(sections[0])
    return ParsedReply(Change.ACCEPTED, critique, texts.get(INSTRUCTION), texts[RESPONSE])


def _fault(sections: list[str | None]) -> Change | None:
    if not sections:
        return Change.MARKER_MISSING
    if len(sections) > 1:
        return Change.MULTIPLE
    text = sections[0]
    if text is None:
        return Change.MARKER_MISSING
    if not text:
        return Change.EMPTY
    inside = _EDGES.sub("", text).casefold()
    return Change.PLACEHOLDER if not inside or inside in PLACEHOLDERS else None


def _by_tags(text: str) -> Sections:
    """A section ends at its own closing tag. One that another begins inside, or that nothing closes, has no end."""
    found: Sections = {}
    opened: re.Match[str] | None = None
    for tag in _TAG.finditer(text):
        if not tag[1]:
            if opened:
                found.setdefault(_name(opened[2]), []).append(None)
            opened = tag
        elif opened and _name(opened[2]) == _name(tag[2]):
            found.setdefault(_name(tag[2]), []).append(text[opened.end() : tag.start()].strip())
            opened = None
    if opened:
        found.setdefault(_name(opened[2]), []).append(None)
    return found


def _by_headings(text: str, whole: bool) -> Sections:
    found: Sections = {}
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=False):
        name = _name(heading[1])
        if name != "end":
            open_end = end == len(text) and not whole
            found.setdefault(name, []).append(None if open_end else text[heading.end() : end].strip())
    return found


def _name(marked: str) -> str:
    spaced = re.sub(r"[ _]", "", marked.lower())
    return {"newinstruction": INSTRUCTION, "newresponse": RESPONSE}.get(spaced, spaced)

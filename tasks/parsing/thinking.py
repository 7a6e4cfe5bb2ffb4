"""Where the thinking of a response ends, in any of the spellings that open models write."""

import re
from typing import NamedTuple

from schemas.trace import Span
from tasks.parsing.turn import holds_any


class Rest(NamedTuple):
    """What follows the thinking of a response."""

    place: Span
    """In offsets of the response; empty where nothing follows."""
    closed: bool
    """False where more thinking begins there and never ends, as where a token limit cut it."""


class _Spelling(NamedTuple):
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    bare: bool
    """Whether a closing one alone ends thinking, too: chat templates write the opening one into the prompt."""


def _spelling(opening: str, closing: str, bare: bool = True, flags: int = re.IGNORECASE) -> _Spelling:
    return _Spelling(re.compile(opening, flags), re.compile(closing, flags), bare)


_TAGS = "(?:seed:)?(?:thinking|think|thoughts|thought|reasoning)"
_ASIDES = "(?:analysis|scratchpad|reflection)"
_SPELLINGS = (
    _spelling(rf"<\s*{_TAGS}(?:\s[^<>=\n]{{1,40}}=[^<>\n]{{0,40}})?>", rf"<\s*/\s*{_TAGS}\s*>"),
    _spelling(rf"<\s*{_ASIDES}\s*>", rf"<\s*/\s*{_ASIDES}\s*>", bare=False),
    _spelling(r'<details\s+type="reasoning"[^>\n]*>', "</details>", bare=False),
    _spelling(r"\[THINK\]", r"\[/THINK\]", flags=0),
    _spelling("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    _spelling(r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    _spelling(r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    _spelling(r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),
    _spelling("<(?:unused|ctrl)94>", "<(?:unused|ctrl)95>"),
    _spelling(r"<\|im_start\|>think\b", r"<\|im_start\|>answer\b"),
    _spelling(r"<\|channel>\s*thought\b", r"<channel\|>"),
    _spelling(
        r"<\|channel\|>\s*(?:analysis|commentary)\b", r"<\|(?:end|call)\|>|(?=<\|(?:start|channel)\|>)", bare=False
    ),
    # words mark it only where they end it, too: the one before this without its special tokens, and Granite's
    _spelling(r"analysis(?=[A-Z][\s\S]*?assistantfinal)", "assistantfinal", bare=False, flags=0),
    _spelling(
        r"Here(?: is|'s) my thought process:(?=[\s\S]*?Here(?: is|'s) my response:)",
        "Here(?: is|'s) my response:",
        bare=False,
    ),
)
_BEGINNINGS = ("<", "[", "\u25c1", "analysis", "Here")
"""One begins every opening."""
_IN_CLOSINGS = ("</", "< /", "[/", "\u25c1/", "|", "95>")
"""One is in every closing that may stand without its opening."""
_END = re.compile("</think(?:ing)?>")
_OURS = re.compile("<(?:thinking|think|reflection|output)>|</(?:thinking|reflection|output)>")
"""Tags of the grammar; a `</think>` that nothing opened is one of a chat template's."""
_ANSWER = re.compile(
    r"<\|begin_of_solution\|>|<\|START_RESPONSE\|>|<\|channel\|>\s*final\b[^<\n]{0,80}<\|message\|>", re.IGNORECASE
)
_ANSWER_END = re.compile(r"<\|end_of_solution\|>|<\|END_RESPONSE\|>|<\|return\|>", re.IGNORECASE)
_AHEAD = re.compile(r"(?:\s|<s>|<\|(?:im_start(?!\|>think)|start|begin_of_text)\|>(?:assistant)?)*+")
"""What may stand before the thinking, or between two of them."""


def after_thinking(text: str) -> Rest | None:
    """Return what follows the thinking of a response, None where there is none; in time linear in the text.

    Thinking begins the response, or is all that stands before a closing tag. Several in a row, and reflections after
    it, are one. Of `</think>` and `</thinking>` the last counts, wherever it stands. What follows is not trimmed, but
    for the marks of a channel of its own.
    """
    if not holds_any(text, _IN_CLOSINGS) and not text.lstrip().startswith(_BEGINNINGS):
        return None
    end, closed = 0, True
    while closed and (opened := _opened(text, end)) is not None:
        spelling, inside = opened
        closing = spelling.closing.search(text, inside)
        end, closed = (closing.end(), True) if closing else (end, False)
    last = max((tag.end() for tag in _END.finditer(text, end)), default=None) if "</think" in text else None
    if last is None and not closed:
        return Rest(Span(start=end, end=len(text)), closed=False)
    end = last or end or _bare_end(text)
    begins = _ahead(text, end)
    if answer := _ANSWER.match(text, begins) if text.startswith("<", begins) else None:
        closing = _ANSWER_END.search(text, answer.end())
        return Rest(Span(start=answer.end(), end=closing.start() if closing else len(text)), closed=True)
    return Rest(Span(start=end, end=len(text)), closed=True) if end else None


def apart(text: str) -> tuple[str, str] | None:
    """Return the thinking of a response and what follows it, without the marks and the white space around them.

    None where the tags of the grammar say it already, or where it has no thinking that ends.
    """
    rest = None if _OURS.search(text) else after_thinking(text)
    if rest is None or not rest.closed or not rest.place.start:
        return None
    pieces, end = [], 0
    while (opened := _opened(text, end)) and (closing := opened[0].closing.search(text, opened[1])):
        pieces.append(text[opened[1] : closing.start()])
        end = closing.end()
    spelt = (spelling.closing for spelling in _SPELLINGS if spelling.bare)
    bare = [found for closing in spelt for found in closing.finditer(text, end, rest.place.start)]
    if bare:
        pieces.append(text[end : max(bare, key=lambda closing: closing.end()).start()])
    thinking = "\n\n".join(piece.removeprefix("<|message|>").strip() for piece in pieces)
    return (thinking, rest.place.of(text).strip()) if thinking else None


def _opened(text: str, end: int) -> tuple[_Spelling, int] | None:
    """The spelling of the thinking that begins there, and where its inside does."""
    at = _ahead(text, end)
    if not text.startswith(_BEGINNINGS, at):
        return None
    for spelling in _SPELLINGS:
        if opening := spelling.opening.match(text, at):
            return spelling, opening.end()
    return None


def _ahead(text: str, end: int) -> int:
    ahead = _AHEAD.match(text, end)
    return ahead.end() if ahead else end


def _bare_end(text: str) -> int:
    """The end of the first closing tag that nothing of its spelling opened; 0 without one."""
    if not holds_any(text, _IN_CLOSINGS):
        return 0
    for spelling in _SPELLINGS:
        closing = spelling.closing.search(text) if spelling.bare else None
        if closing and not spelling.opening.search(text, 0, closing.start()):
            return closing.end()
    return 0

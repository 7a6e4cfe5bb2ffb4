"""The questions in a reply of the teacher, or why there is none. Pure.

The prompt asks for `<question>…</question>`. Read as well, because models fall back on them: a JSON list, JSON lines,
and a list that is numbered from 1. Text without any mark is no question: it may be a refusal, or talk.
"""

import json
import re
from collections.abc import Iterator
from enum import StrEnum

from schemas.call import CUT_OFF, Call, CallEnd
from schemas.record import clean_text

SHORTEST = 6
LONGEST = 4000
"""Characters of a question."""
PLACEHOLDER = "the text of the question"
"""What the prompts write where a question goes."""


class Fault(StrEnum):
    """Why a place in a reply gives no question."""

    CALL_FAILED = "call_failed"
    """The endpoint refused this request, or sent no completion."""
    EMPTY_REPLY = "empty_reply"
    NOTHING_MARKED = "nothing_marked"
    NOT_WRITTEN = "not_written"
    """The reply holds fewer than were asked for."""
    SEVERAL = "several"
    """One was asked for."""
    CUT_OFF = "cut_off"
    """The reply ends at the token limit inside it."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    PLACEHOLDER = "placeholder"
    """Copied from the prompt."""
    MARKED_INSIDE = "marked_inside"
    """It holds a tag of the prompt's."""
    ANSWER_INSIDE = "answer_inside"
    """It says its own answer."""


NOTHING = (Fault.CALL_FAILED, Fault.EMPTY_REPLY, Fault.NOTHING_MARKED)
"""Those of a whole reply."""


_TAGGED = re.compile(r"<\s*question\s*>(.*?)(<\s*/\s*question\s*>|(?=<\s*question\s*>)|\Z)", re.S | re.I)
_OURS = re.compile(r"<\s*/?\s*(?:topic|setting|count|example|method|question)\s*>", re.I)
_FENCED = re.compile(r"```\w*\n(.*?)```", re.S)
_NUMBERED = re.compile(r"^[ \t]*(?:[#*_]+[ \t]*)?(?:question[ \t]*|q)?(\d{1,2})[ \t]*[.):][*_]*[ \t]*", re.M | re.I)
_LABEL = re.compile(r"\A(?:[#*_]*[ \t]*(?:new |evolved |rewritten )?question[*_]*[ \t]*:[*_]*)\s*", re.I)
_ANSWER = re.compile(r"^[ \t]*[*_#]*(?:answer|solution)[*_]*[ \t]*[:=]", re.M | re.I)


def read_questions(call: Call, most: int) -> list[str | Fault]:
    """Return for each question in the reply its text or its fault, `most` of them at most; one fault if there is
    nothing.
    """
    if call.ended is not CallEnd.ANSWERED:
        return [Fault.CALL_FAILED]
    text = re.split(r"</think(?:ing)?>", call.content or "")[-1].strip()
    if not text:
        return [Fault.CUT_OFF if call.finish_reason in CUT_OFF else Fault.EMPTY_REPLY]
    found = list(_marked(text, call.finish_reason in CUT_OFF))[:most]
    return found or [Fault.CUT_OFF if call.finish_reason in CUT_OFF else Fault.NOTHING_MARKED]


def read_evolved(call: Call) -> str | Fault:
    """Return the one question of a reply."""
    found = read_questions(call, 2)
    return found[0] if len(found) == 1 else Fault.SEVERAL


def _marked(text: str, cut: bool) -> Iterator[str | Fault]:
    tagged = list(_TAGGED.finditer(text))
    if tagged:
        for mark in tagged:
            open_end = mark.end() == len(text) and not mark[2]
            yield Fault.CUT_OFF if open_end and cut else _checked(mark[1])
        return
    found = _from_json(text) or _from_numbers(text)
    for place, item in enumerate(found, start=1):
        yield Fault.CUT_OFF if cut and place == len(found) else _checked(item)


def _from_json(text: str) -> list[str]:
    """A list of texts or of objects with `question`, or such an object on each line; empty for anything else."""
    fence = _FENCED.search(text)
    inside = (fence[1] if fence else text).strip()
    whole = _json(inside)
    lines = [row for row in map(_json, inside.splitlines()) if isinstance(row, dict)]
    rows = whole if isinstance(whole, list) else [whole] if isinstance(whole, dict) else lines
    items = [row.get("question") if isinstance(row, dict) else row for row in rows]
    return [item for item in items if isinstance(item, str)]


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _from_numbers(text: str) -> list[str]:
    """What follows 1., 2., 3. …, in this order: a list inside a question starts again from 1."""
    starts: list[re.Match[str]] = []
    for mark in _NUMBERED.finditer(text):
        if int(mark[1]) == len(starts) + 1:
            starts.append(mark)
    ends = [*(mark.start() for mark in starts[1:]), len(text)]
    return [text[mark.end() : end] for mark, end in zip(starts, ends, strict=False)]


def _checked(text: str) -> str | Fault:
    text = _LABEL.sub("", clean_text(text).strip()).strip()
    if text.casefold() == PLACEHOLDER:
        return Fault.PLACEHOLDER
    if len(re.sub(r"[\W_]", "", text)) < SHORTEST:
        return Fault.TOO_SHORT
    if len(text) > LONGEST:
        return Fault.TOO_LONG
    if _OURS.search(text):
        return Fault.MARKED_INSIDE
    return Fault.ANSWER_INSIDE if _ANSWER.search(text) else text

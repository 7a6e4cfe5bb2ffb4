"""The tag grammar of a trace: one pass over the tags, then the structure or the first defect; and the writer.

    trace      = thinking reflection* output          with nothing but white space between them
    thinking   = "<thinking>" (text | reflection)* "</thinking>"
    reflection = "<reflection>" text "</reflection>"
    output     = "<output>" text "</output>"

`<think>` is another spelling of `<thinking>`. After a `</think>` the output needs no tags: it is what
follows. Tags are exact: lower case, no spaces, no attributes. Everything else, such as `<Output>`, is text.
There is no escape: a text that mentions a tag cannot be told from one that uses it, so `write` refuses it.

End-of-text marks of the model, and what follows one as another turn, are no part of the trace (`tasks.parsing.turn`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from schemas.call import CUT_OFF
from schemas.trace import Reflection, Span, Structure
from tasks.parsing.turn import end_of_response, next_questions

GRAMMAR = "reflectory-3"
"""Part of every `trace_id`: change it when parsing, answers or drafts come out differently for any text."""

TAG = re.compile(r"<(/?)(thinking|think|reflection|output)>")
STOPPED = CUT_OFF | {"content_filter"}
"""The finish reasons of a text that was cut."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What `parse` made out, in offsets of the parsed text.

    With a defect the parts are those that are not in doubt. An unclosed `<thinking>` runs to an output tag or
    the end, an unclosed `<output>` to the next tag or the end; an unopened `</thinking>` ends what the text
    began with, an unopened `</output>` what followed the tag before it. Of several outputs the last counts;
    of several thinkings none; nor does a reflection without an end or with another tag inside. Nor does an output
    behind one and the next question.
    """

    structure: Structure
    thinking: Span | None
    reflections: tuple[Reflection, ...]
    output: Span | None
    end: int
    """Where the text ends, for all who read it: end-of-text marks stand behind it."""


@dataclass(frozen=True, slots=True)
class ReflectionText:
    """The inside of a `<reflection>` to be written."""

    text: str


class _Tag(NamedTuple):
    name: str
    closing: bool
    start: int
    end: int
    short: bool
    """Spelt `think`."""


class _Element(NamedTuple):
    """A matched pair of tags: where it is with them, and where its inside is."""

    start: int
    end: int
    name: str
    inside: Span


class _Pairing(NamedTuple):
    elements: list[_Element]
    """By start."""
    unclosed: list[_Tag]
    unopened: list[_Tag]


def parse(text: str, finish_reason: str | None = None) -> Parsed:
    """Return the structure of any text whatever, in time linear in its length. `finish_reason` is the endpoint's."""
    text = text[: end_of_response(text)]
    tags = [
        _Tag("thinking" if m[2] == "think" else m[2], bool(m[1]), m.start(), m.end(), m[2] == "think")
        for m in TAG.finditer(text)
    ]
    if not tags:
        structure = next(_defects(text, tags, _Pairing([], [], []), finish_reason))
        return Parsed(structure=structure, thinking=None, reflections=(), output=None, end=len(text))
    pairing = _pair(tags)
    pairing.elements.extend(_implied_output(text, tags))
    return Parsed(
        structure=next(_defects(text, tags, pairing, finish_reason), Structure.OK),
        thinking=_thinking(text, tags),
        reflections=tuple(_reflections(text, tags)),
        output=_less_marks(text, _output(text, tags, pairing)),
        end=len(text),
    )


def write(thinking: Sequence[str | ReflectionText], output: str, after: Sequence[str] = ()) -> str:
    """Return the trace that `parse` takes apart again, character for character.

    `thinking` holds texts and reflections in order (adjacent texts join), `after` the reflections between
    the thinking and the output. Raises `ValueError` for what the grammar cannot express: a text that
    contains a tag of ours, or a part that holds nothing but white space.
    """
    inside = "".join(part if isinstance(part, str) else f"<reflection>{part.text}</reflection>" for part in thinking)
    between = "".join(f"<reflection>{text}</reflection>\n" for text in after)
    trace = f"<thinking>{inside}</thinking>\n{between}<output>{output}</output>"
    reflections = len(after) + sum(isinstance(part, ReflectionText) for part in thinking)
    if sum(1 for _ in TAG.finditer(trace)) != 4 + 2 * reflections:
        raise ValueError("a part of the trace contains a tag of the grammar; take it out or spell it otherwise")
    if (structure := parse(trace).structure) is not Structure.OK:
        raise ValueError(f"the trace would be {structure.value}: every part needs more than white space")
    return trace


def _pair(tags: Sequence[_Tag]) -> _Pairing:
    """Each closing tag with the last open one of its name, whatever stands between them."""
    elements: list[_Element] = []
    unopened: list[_Tag] = []
    waiting: dict[str, list[_Tag]] = {"thinking": [], "reflection": [], "output": []}
    for tag in tags:
        if not tag.closing:
            waiting[tag.name].append(tag)
        elif waiting[tag.name]:
            opening = waiting[tag.name].pop()
            inside = Span(start=opening.end, end=tag.start)
            elements.append(_Element(opening.start, tag.end, tag.name, inside))
        else:
            unopened.append(tag)
    unclosed = [tag for open_tags in waiting.values() for tag in open_tags]
    return _Pairing(sorted(elements, key=lambda element: element.start), unclosed, unopened)


def _implied_output(text: str, tags: Sequence[_Tag]) -> Iterator[_Element]:
    """What follows `</think>`, and any reflections after it, where no tag says `output`."""
    if not tags or not tags[-1].closing or any(tag.name == "output" for tag in tags):
        return
    start = tags[-1].end
    if any(tag.short and tag.closing for tag in tags) and not _blank(text, start, len(text)):
        yield _Element(start, len(text), "output", Span(start=start, end=len(text)))


def _defects(text: str, tags: Sequence[_Tag], pairing: _Pairing, finish_reason: str | None) -> Iterator[Structure]:
    """The defects of the text in the order of `Structure`. Those after the first may only follow from it."""
    if not text or text.isspace():
        yield Structure.EMPTY
    if finish_reason in STOPPED:
        yield Structure.TRUNCATED
    if not tags:
        yield Structure.UNTAGGED
    if pairing.unclosed:
        yield Structure.UNCLOSED
    if pairing.unopened:
        yield Structure.UNOPENED
    outermost, nested = _outermost(pairing.elements)
    if nested:
        yield Structure.NESTED
    count = Counter(element.name for element in pairing.elements)
    if count["thinking"] > 1 or count["output"] > 1:
        yield Structure.REPEATED
    if not count["thinking"]:
        yield Structure.MISSING_THINKING
    if not count["output"]:
        yield Structure.MISSING_OUTPUT
    names = [element.name for element in outermost]
    if names != sorted(names, key=("thinking", "reflection", "output").index):
        yield Structure.OUT_OF_ORDER
    starts = [*(element.start for element in outermost), len(text)]
    ends = [0, *(element.end for element in outermost)]
    if not all(_blank(text, end, start) for end, start in zip(ends, starts, strict=True)):
        yield Structure.TEXT_OUTSIDE
    empty = {element.name for element in pairing.elements if not element.inside.of(text).strip()}
    for name, defect in (
        ("thinking", Structure.EMPTY_THINKING),
        ("reflection", Structure.EMPTY_REFLECTION),
        ("output", Structure.EMPTY_OUTPUT),
    ):
        if name in empty:
            yield defect


def _outermost(elements: Sequence[_Element]) -> tuple[list[_Element], bool]:
    """The elements outside every other, and whether one stands in or across another that cannot hold it."""
    outermost: list[_Element] = []
    around: list[_Element] = []
    nested = False
    for element in elements:
        while around and around[-1].end <= element.start:
            around.pop()
        if not around:
            outermost.append(element)
        elif (around[-1].name, element.name) != ("thinking", "reflection") or element.end > around[-1].end:
            nested = True
        around.append(element)
    return outermost, nested


def _thinking(text: str, tags: Sequence[_Tag]) -> Span | None:
    opening = [tag for tag in tags if tag.name == "thinking" and not tag.closing]
    closing = [tag for tag in tags if tag.name == "thinking" and tag.closing]
    if len(opening) > 1 or len(closing) > 1:
        return None
    if opening and closing:
        in_order = opening[0].end <= closing[0].start
        return Span(start=opening[0].end, end=closing[0].start) if in_order else None
    if opening:
        start = opening[0].end
        ends = (tag.start for tag in tags if tag.name == "output" and tag.start >= start)
        return Span(start=start, end=next(ends, len(text)))
    if closing and next(tag for tag in tags if tag.name != "reflection") is closing[0]:
        end = closing[0].start
        return None if _blank(text, 0, end) else Span(start=0, end=end)
    return None


def _reflections(text: str, tags: Sequence[_Tag]) -> Iterator[Reflection]:
    for tag, following in pairwise(tags):
        if tag.name == following.name == "reflection" and following.closing and not tag.closing:
            yield Reflection(start=tag.end, end=following.start, text=text[tag.end : following.start])


def _output(text: str, tags: Sequence[_Tag], pairing: _Pairing) -> Span | None:
    written = [element for element in pairing.elements if element.name == "output"]
    if written:
        return _before_next_question(text, written).inside
    at = next((i for i in reversed(range(len(tags))) if tags[i].name == "output"), None)
    if at is None:
        return None
    if not tags[at].closing:
        return Span(start=tags[at].end, end=tags[at + 1].start if at + 1 < len(tags) else len(text))
    if at and not tags[at - 1].closing:
        return None
    start, end = tags[at - 1].end if at else 0, tags[at].start
    return None if _blank(text, start, end) else Span(start=start, end=end)


def _less_marks(text: str, output: Span | None) -> Span | None:
    """A model may write its mark before it closes the tag."""
    return output and Span(start=output.start, end=output.start + end_of_response(output.of(text)))


def _before_next_question(text: str, outputs: Sequence[_Element]) -> _Element:
    for output, following in pairwise(outputs):
        if next_questions(text[output.end : following.start]):
            return output
    return outputs[-1]


def _blank(text: str, start: int, end: int) -> bool:
    return not text[start:end].strip()

"""The final answer of a response: where it is looked for, and what is found there."""

import re

from schemas.errors import Refused
from schemas.trace import Span
from tasks.judging.statement import matched, statements, trimmed
from tasks.tracing.grammar import TAG, Parsed, parse
from tasks.tracing.thinking import after_thinking


class Stated(Span):
    """An answer and where it stands: `answer == text[start:end]`."""

    answer: str
    explicit: bool = True
    """False where nothing was stated and the whole place searched is taken for the answer."""


def find_answer(text: str, pattern: str | None = None, parsed: Parsed | None = None) -> Stated | None:
    """The final answer of a whole response, in offsets of `text`; `parsed` spares parsing it again.

    With `pattern` it is what the group of its last match in the place searched holds, untrimmed; no match,
    or an empty group, is no answer. A user's pattern may take exponential time: call this where it can be
    killed.

    Without one it is the last answer stated there. Where none is stated the response is judged as it is:
    the whole place is the answer (not `explicit`), be it a word, a sentence or a grid of many lines; never
    its last line or last number, which nobody called an answer. None when the place is blank, or holds tags
    that do not fit.
    """
    place = answer_place(text, parsed or parse(text))
    searched = place.of(text)
    found = statements(searched) if pattern is None else matched(searched, pattern)
    explicit = bool(found)
    if found:
        start, end = found[-1]
    elif pattern is None and not TAG.search(searched):
        start, end = trimmed(searched, 0, len(searched))
    else:
        return None
    if start == end:
        return None
    answer = searched[start:end]
    return Stated(start=place.start + start, end=place.start + end, answer=answer, explicit=explicit)


def answer_place(text: str, parsed: Parsed) -> Span:
    """Where the final answer is looked for: the `<output>`, else what follows the thinking, else all."""
    rest = after_thinking(text)
    if parsed.output and ("output>" in text or rest is None or rest.place.start <= parsed.output.start):
        return parsed.output  # one that no tag names may begin with thinking in another spelling
    return rest.place if rest else Span(start=0, end=len(text))


def check_pattern(pattern: str) -> None:
    """Raises `Refused` unless `pattern` is a regular expression with exactly one group."""
    needs = "needs a Python regular expression with exactly one group, such as 'A: (.*)'"
    try:
        groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError) as error:
        raise Refused(f"answer_pattern: got {pattern!r}, which does not compile ({error}); {needs}") from None
    if groups != 1:
        raise Refused(f"answer_pattern: got {pattern!r}, which has {groups} groups; {needs}")

"""Training spans: what of a trace a trainer is to learn from. Pure.

A trace that corrects itself first makes a mistake; who learns from all of it learns to make the mistake, too. The
opening tags of the reflections cut a trace into legs, and each leg but the last ends with a draft answer in force:

    <thinking>  leg 0  <reflection> leg 1 …  <reflection> leg n … </thinking><output>…</output>

* Where the final answer is correct, every leg is masked whose draft is known to be wrong, by the verdict's effects. So
  a reflection that overlooks an error is masked with the error, and learning begins with the `<reflection>` that puts
  it right. Legs before any answer is stated lead to the first draft, and are masked with it.
* Everything else is learnt: confirmed drafts, drafts that nobody could judge, and the whole of a trace without
  reflections. A trace whose final answer is wrong (harmed, missed) puts nothing right: no part of it is the lesson, so
  none is masked, and whether it is in a release at all is for the policy's rules to say.
* `<thinking>` and `</thinking>` are learnt wherever they stand: the form is right whatever the content is. White space
  at either end of what is masked is learnt, too, because some tokenizers glue it to what comes next; that between two
  masked legs is masked with them.

Offsets are those of the assistant's message, whose whole text the trace is: a tag in the system prompt or in the
question moves nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from schemas.release_rows import Judged
from schemas.trace import Span
from schemas.verdict import Effect, Ruling

_OPENING = "<reflection>"
_FORM = re.compile(r"</?think(?:ing)?>")
_WRONG_BEFORE = (Effect.CORRECTED, Effect.MISSED)
_WRONG_AFTER = (Effect.HARMED, Effect.MISSED)
_TOLD = frozenset([*_WRONG_BEFORE, *_WRONG_AFTER])
"""The effects that tell of a wrong draft."""


def training_spans(text: str, masked: Iterable[Span]) -> tuple[Span, ...]:
    """Return what to learn from: all but `masked`, in order, no span empty."""
    return tuple(_between(masked, len(text)))


def masked_spans(trace: Judged) -> tuple[Span, ...]:
    """Return the wrong drafts of a trace that ends correct, in order."""
    starts = [reflection.start for reflection in trace.reflections]
    return masked(trace.text, trace.verdict, trace.effect, trace.reflection_effects, starts)


def masked(
    text: str, verdict: str, effect: str | None, effects: Sequence[str | None], reflections: Sequence[int]
) -> tuple[Span, ...]:
    """Return the spans that are not learnt, by what of the trace says it: `reflections` are where the insides of its
    reflections start.
    """
    if verdict != Ruling.CORRECT or len(effects) != len(reflections) or _TOLD.isdisjoint([effect, *effects]):
        return ()
    starts = [0, *(start - len(_OPENING) for start in reflections)]
    wrong = [ended in _WRONG_BEFORE or (k > 0 and effects[k - 1] in _WRONG_AFTER) for k, ended in enumerate(effects)]
    first = next((k for k, ended in enumerate(effects) if ended != Effect.NONE), None)
    if first is not None:
        wrong[: first + 1] = [wrong[first] or effect == Effect.CORRECTED] * (first + 1)
    legs = zip(wrong, pairwise(starts), strict=True)
    runs = [[edges for _, edges in run] for is_wrong, run in groupby(legs, key=itemgetter(0)) if is_wrong]
    return tuple(piece for run in runs for piece in _without_form(text, Span(start=run[0][0], end=run[-1][1])))


def _without_form(text: str, legs: Span) -> Iterator[Span]:
    tags = [Span(start=tag.start(), end=tag.end()) for tag in _FORM.finditer(text, legs.start, legs.end)]
    for piece in _between([Span(start=0, end=legs.start), *tags], legs.end):
        start = piece.end - len(piece.of(text).lstrip())
        end = piece.start + len(piece.of(text).rstrip())
        if start < end:
            yield Span(start=start, end=end)


def _between(spans: Iterable[Span], end: int) -> Iterator[Span]:
    """What is left of [0, end) without `spans`, which are in order."""
    at = 0
    for span in spans:
        if at < span.start:
            yield Span(start=at, end=span.start)
        at = span.end
    if at < end:
        yield Span(start=at, end=end)

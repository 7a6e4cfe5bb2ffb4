"""What a student has to read for a score, and the fewest tokens that show it. Pure.

A pass is one target after one context, as the definitions ask for it. IFD and r-IFD take four: y after its prompt, y
alone, x after the reversed prompt, x alone. Where a prompt begins with the very tokens of a text that is also wanted
alone, a causal model has said already what it makes of that text: the pass merges into the other, and two are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Pass:
    """`target` after `context`: one log-probability for each target token."""

    context: Tokens
    """The start token, and what else stands before the target. Never empty."""
    target: Tokens
    """Never empty."""


@dataclass(frozen=True)
class ReadingRequest:
    """One sequence that a student reads, and what it is asked on the way."""

    context: Tokens
    """Readings with equal contexts may share the work on it."""
    target: Tokens
    """The last token of it is predicted, never read."""
    asked: tuple[tuple[int, int], ...]
    """(position, token): the natural-log probability of `token` after the first `position` tokens. Not always the token
    that stands there: a prompt may join the last character of a text with what follows it."""

    @property
    def tokens(self) -> Tokens:
        return self.context + self.target


@dataclass(frozen=True)
class LogprobSlice:
    """Where the log-probabilities of a pass are: which reading's, and which of those that it was asked for."""

    reading: int
    start: int
    stop: int


def merged(passes: Sequence[Pass], any_token: bool) -> tuple[list[ReadingRequest], list[LogprobSlice]]:
    """Return the readings that answer the passes of one subject, and where each pass finds its answer.

    Only passes of the same subject merge, so that its numbers do not depend on its neighbours. `any_token`: whether a
    student can be asked for a token other than the one that stands at the position.
    """
    hosts = [_host(each, passes, any_token) for each in passes]
    kept = [index for index, host in enumerate(hosts) if host == index]
    asked = {index: _asked(passes[index]) for index in kept}
    places = []
    for index, host in enumerate(hosts):
        start = 0 if host == index else len(asked[host])
        asked[host] += [] if host == index else _asked(passes[index])
        places.append(LogprobSlice(kept.index(host), start, start + len(passes[index].target)))
    return [ReadingRequest(passes[index].context, passes[index].target, tuple(asked[index])) for index in kept], places


def _asked(each: Pass) -> list[tuple[int, int]]:
    return [(len(each.context) + n, token) for n, token in enumerate(each.target)]


def _host(each: Pass, passes: Sequence[Pass], any_token: bool) -> int:
    """The pass whose context begins with all that `each`, a text alone, has to read; else its own index."""
    needed = each.context + (each.target[:-1] if any_token else each.target)
    for index, other in enumerate(passes):
        if len(each.context) == 1 < len(other.context) and other.context[: len(needed)] == needed:
            return index
    return passes.index(each)

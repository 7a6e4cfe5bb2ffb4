"""From training spans to labels: which tokens of a rendered conversation a trainer learns from. Pure.

A chat template puts markers around a message and may trim it, or write the white space inside it anew; a tokenizer
merges characters across the edges of any span. So the message is looked for in what the template made of it, white
space aside, and then each token is judged by the characters that it covers: it has a label when it covers a learnt
character and no other that counts. White space counts as what stands around it: as masked only between two masked
characters.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IGNORED = -100
"""The label that PyTorch's cross entropy leaves out."""
MARK = "\ue000reflectory\ue000"
"""Stands in for a message, to see where a template puts it. Private use characters: no trace has a reason for them."""

_WHITE = np.array([code for code in range(0x3001) if chr(code).isspace()], np.uint32)
Offsets = Sequence[tuple[int, int]]


class Placed(NamedTuple):
    """A message that has been found in a rendered conversation."""

    inside: NDArray[np.int64]
    """The indices of its characters other than white space, in the message itself; shape C."""
    outside: NDArray[np.int64]
    """The same characters' indices in what was rendered; shape C."""


def place(message: str, rendered: str, marked: str) -> Placed | None:
    """Where `message` is in `rendered`; None where the template left any of it out.

    `marked` is the same conversation rendered with `MARK` instead of that message. Where the template moves a
    message by what is in it, the last occurrence counts.
    """
    inside_C, outside_C = _solid(message), _solid(rendered)
    wanted, found = "".join(message.split()), "".join(rendered.split())
    start = len("".join(marked.partition(MARK)[0].split()))
    if not found.startswith(wanted, start):
        start = found.rfind(wanted)
    return Placed(inside_C, outside_C[start : start + len(wanted)]) if start >= 0 else None


def learnt_characters(rendered: str, placed: Sequence[tuple[Placed, Sequence[tuple[int, int]]]]) -> NDArray[np.int8]:
    """For each character of `rendered`: 1 when it is learnt, -1 when its token may have no label, 0 for white space
    between two messages. `placed` has the assistant's messages, each with its spans."""
    state_R = np.where(np.isin(_codes(rendered), _WHITE), 0, -1).astype(np.int8)
    for (inside_C, outside_C), spans in placed:
        if not len(outside_C):
            continue
        learnt_C = np.zeros(len(inside_C), np.bool_)
        for start, end in spans:
            learnt_C[np.searchsorted(inside_C, start) : np.searchsorted(inside_C, end)] = True
        whole = slice(outside_C[0], outside_C[-1] + 1)
        after_R = np.cumsum(np.bincount(outside_C - outside_C[0])) - 1
        follows_C = np.append(learnt_C[1:], learnt_C[-1])
        state_R[whole] = np.where((learnt_C | follows_C)[after_R], 1, -1)
        state_R[outside_C] = np.where(learnt_C, 1, -1)
    return state_R


def label_tokens(
    ids: Sequence[int], offsets: Offsets, state_R: NDArray[np.int8], ends: Sequence[int], closing: Collection[int]
) -> list[int]:
    """One label per token: its id, or `IGNORED`.

    `offsets` are half-open ranges of characters of what was rendered. A token that shows none, such as trimmed white
    space, is judged by the character at which it stands. `ends` are where the assistant's messages end; the marker
    after each, the first token there that is one of `closing`, is learnt with the message: it says that this is all.
    """
    labels = []
    blocked_R = np.concatenate(([0], np.cumsum(state_R < 0)))
    learnt_R = np.concatenate(([0], np.cumsum(state_R > 0)))
    for token, (start, shown_end) in zip(ids, offsets, strict=True):
        end = min(max(shown_end, start + 1), len(state_R))
        start = min(start, end)
        is_learnt = learnt_R[end] > learnt_R[start] and blocked_R[end] == blocked_R[start]
        labels.append(token if is_learnt else IGNORED)
    for end in ends:
        for at in _closing_tokens(ids, offsets, state_R, end, closing):
            labels[at] = ids[at]
    return labels


def _closing_tokens(
    ids: Sequence[int], offsets: Offsets, state_R: NDArray[np.int8], end: int, closing: Collection[int]
) -> list[int]:
    """The marker after a message, and the white space before it; nothing where other text comes first."""
    found = []
    for at, (start, shown_end) in enumerate(offsets):
        if start < end:
            continue
        found.append(at)
        if ids[at] in closing:
            return found
        if state_R[start:shown_end].any():
            return []
    return []


def _solid(text: str) -> NDArray[np.int64]:
    """The indices of the characters other than white space."""
    return np.flatnonzero(~np.isin(_codes(text), _WHITE))


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)

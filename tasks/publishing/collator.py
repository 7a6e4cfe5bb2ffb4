"""Batches of a release's chat rows for a trainer: labels by the training spans. Copied into each release.

Stands alone: it needs numpy and transformers, nothing of Reflectory. With TRL's `SFTTrainer`:

    from collator import SpanCollator

    args = SFTConfig(max_length=4096, dataset_kwargs={"skip_prepare_dataset": True}, remove_unused_columns=False)
    SFTTrainer(model, args, train_dataset=rows, processing_class=tokenizer, data_collator=SpanCollator(tokenizer, args))

A chat template puts markers around a message and may trim it, or write the white space inside it anew; a tokenizer
merges characters across the edges of any span. So the message is looked for in what the template made of it, white
space aside, and then each token is judged by the characters that it covers: it has a label when it covers a learnt
character and no other that counts. White space counts as what stands around it: as masked only between two masked
characters.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

IGNORED = -100
"""The label that PyTorch's cross entropy leaves out."""
MARK = "\ue000reflectory\ue000"
"""Stands in for a message, to see where a template puts it. Private use characters: no trace has a reason for them."""

_WHITE = np.array([code for code in range(0x3001) if chr(code).isspace()], np.uint32)
Offsets = Sequence[tuple[int, int]]
Conversation = Sequence[Mapping[str, str]]
"""Messages of role and content."""


class SpanCollator:
    """Makes batches of released chat rows for TRL's `SFTTrainer`, or any `Trainer` that leaves the rows alone."""

    def __init__(self, tokenizer: Any, limit: Any, return_tensors: str = "pt") -> None:
        """`limit`: the trainer's configuration, whose `max_length` holds; or a number of tokens; or None: uncut.

        `return_tensors`: `pt`, or `np` where there is no torch.
        """
        if tokenizer.pad_token_id is None:
            raise ValueError("the tokenizer has no padding token; set tokenizer.pad_token, such as to its eos_token")
        self._tokenizer = tokenizer
        self._max_length = _tokens(limit)
        self._return_tensors = return_tensors

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """`input_ids`, `attention_mask` and `labels`, padded to the longest row on the tokenizer's side.

        Raises `ValueError` for a batch without any learnt token: its loss and gradient would be 0 without a word.
        """
        from transformers import DataCollatorForSeq2Seq

        found = [labelled(row, self._tokenizer, self._max_length) for row in rows]
        if not any(is_learnt(each) for each in found):
            names = ", ".join(str(row.get("trace_id", "a row without an id")) for row in rows)
            raise ValueError(
                f"no token of this batch is learnt ({names}): max_length {self._max_length} cuts every row before its"
                " first learnt token; raise it, or drop such rows first:"
                " rows.filter(lambda row: is_learnt(labelled(row, tokenizer, max_length)))"
            )
        pad = DataCollatorForSeq2Seq(self._tokenizer, label_pad_token_id=IGNORED, return_tensors=self._return_tensors)
        return pad(found)


def labelled(row: Mapping[str, Any], tokenizer: Any, max_length: int | None) -> dict[str, list[int]]:
    """Return `input_ids`, `attention_mask` and `labels` of a released chat row, for a fast tokenizer with a chat
    template.

    Cut after `max_length` tokens. Raises `ValueError` where the template does not show an assistant's message whole.
    """
    messages = row["messages"]
    rendered = render(tokenizer, messages)
    placed = [(i, place(m["content"], rendered, marked(tokenizer, messages, i))) for i, m in said(messages)]
    if not all(found for _, found in placed):
        raise ValueError("the chat template leaves out a part of an assistant's message: no label would be right")
    encoded = tokenizer(rendered, add_special_tokens=False, return_offsets_mapping=True)
    found = [(spot, _spans_of(row, i)) for i, spot in placed if spot]
    labels = label_tokens(
        encoded["input_ids"],
        encoded["offset_mapping"],
        learnt_characters(rendered, found),
        ends=[int(spot.outside[-1]) + 1 for spot, _ in found if len(spot.outside)],
        closing={*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder},
    )
    whole = {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], "labels": labels}
    return {name: values[:max_length] for name, values in whole.items()}


def is_learnt(labelled_row: Mapping[str, Sequence[int]]) -> bool:
    """Return whether any token of what `labelled` made has a label."""
    return any(label != IGNORED for label in labelled_row["labels"])


def render(tokenizer: Any, messages: Conversation) -> str:
    """Return the conversation as the tokenizer's chat template writes it."""
    return str(tokenizer.apply_chat_template([dict(message) for message in messages], tokenize=False))


def marked(tokenizer: Any, messages: Conversation, at: int) -> str:
    """Render a conversation with `MARK` instead of one message."""
    return render(tokenizer, [{**m, "content": MARK} if i == at else m for i, m in enumerate(messages)])


def said(messages: Conversation) -> list[tuple[int, Mapping[str, str]]]:
    """Return the assistant's messages, each with its number."""
    return [(i, message) for i, message in enumerate(messages) if message["role"] == "assistant"]


class Placed(NamedTuple):
    """A message that has been found in a rendered conversation."""

    inside: NDArray[np.int64]
    """The indices of its characters other than white space, in the message itself; shape C."""
    outside: NDArray[np.int64]
    """The same characters' indices in what was rendered; shape C."""


def place(message: str, rendered: str, marked: str) -> Placed | None:
    """Find where `message` is in `rendered`; None where the template left any of it out.

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
    """Say for each character of `rendered`: 1 when it is learnt, -1 when its token may have no label, 0 for white space
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
    """Return one label per token: its id, or `IGNORED`.

    `offsets` are half-open ranges of characters of what was rendered. A token that shows none, such as trimmed white
    space, is judged by the character at which it stands. `ends` are where the assistant's messages end; the marker
    after each, the first token there that is one of `closing`, is learnt with the message: it says that this is all.
    An empty message has none.
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


def _spans_of(row: Mapping[str, Any], message: int) -> list[tuple[int, int]]:
    return [(span["start"], span["end"]) for span in row["training_spans"] if span["message"] == message]


def _tokens(limit: Any) -> int | None:
    """A limit in tokens, or that of a trainer's configuration."""
    if limit is None or (isinstance(limit, int) and limit > 0):
        return limit
    if isinstance(limit, int) or not hasattr(limit, "max_length"):
        raise ValueError(f"SpanCollator: got the limit {limit!r}; needs the trainer's configuration, a number or None")
    return _tokens(limit.max_length)

"""A tokenizer of the model that is going to be trained: its chat template, its tokens, and labels for its trainer.

transformers is imported where it is used, because it brings torch: a release without a template needs neither.

    from tasks.publishing.tokenizer import SpanCollator, labelled

    # TRL's SFTTrainer takes such input_ids and labels as they are:
    rows.map(lambda row: labelled(row, tokenizer), remove_columns=rows.column_names)
    # or the rows themselves, labelled batch by batch:
    SpanCollator(tokenizer)
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.record import content_key
from schemas.release import TokenizerName
from tasks.publishing.labels import IGNORED, MARK, Placed, label_tokens, learnt_characters, place
from tasks.scoring.student_files import folder_hash

TAGS = ("<thinking>", "</thinking>", "<reflection>", "</reflection>", "<output>", "</output>")
Conversation = Sequence[Mapping[str, str]]
"""Messages of role and content."""


class ChatTemplate:
    """The chat template in a tokenizer's folder."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = load_tokenizer(folder, "--template")
        if not self._tokenizer.chat_template:
            raise Refused(f"--template: {folder} has no chat template; give the tokenizer of a chat model")
        self.named = TokenizerName(
            name=folder.resolve().name, hash=content_key("template", str(self._tokenizer.chat_template))
        )

    def lost(self, messages: Conversation) -> str | None:
        """What the template leaves out of the messages or refuses, in words; None when all of them is there."""
        try:
            rendered = _render(self._tokenizer, messages)
            placed = [place(m["content"], rendered, _marked(self._tokenizer, messages, i)) for i, m in _said(messages)]
        except Exception as error:  # noqa: BLE001  a template is a program of somebody else's, and may raise anything
            return f"the template fails: {type(error).__name__}: {error}"
        squeezed = "".join(rendered.split())
        for message in messages:
            if "".join(message["content"].split()) not in squeezed:
                return f"the {message['role']}'s message is not whole in what the template makes of it"
        return None if all(placed) else "the assistant's message is not whole in what the template makes of it"


def load_tokenizer(folder: Path, option: str) -> Any:
    """What `save_pretrained` of a tokenizer wrote, without any network. Raises `Refused`."""
    if not folder.is_dir():
        raise Refused(f"{option}: no folder {folder}; give one that a tokenizer's save_pretrained wrote")
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{option}: {folder} holds no tokenizer that can be read ({error})") from error


def save_with_tags(folder: Path, out: Path) -> TokenizerName:
    """Write the tokenizer of `folder` to `out` with each of the six tags as one token; returns which it was.

    They are never split and never merged with what stands beside them. They are not marked as special in the sense of
    `skip_special_tokens`, as the `<think>` of published reasoning models is not: else servers would strip them from
    every answer, and nobody could read the structure of what the model wrote.
    """
    from tokenizers import AddedToken

    tokenizer = load_tokenizer(folder, "--special-tokens")
    tokenizer.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in TAGS])
    tokenizer.save_pretrained(str(out))
    return TokenizerName(name=folder.resolve().name, hash=folder_hash(folder))


def labelled(row: Mapping[str, Any], tokenizer: Any, max_length: int | None = None) -> dict[str, list[int]]:
    """`input_ids`, `attention_mask` and `labels` of a released chat row, for a fast tokenizer with a chat template.

    Cut after `max_length` tokens. Raises `ValueError` where the template does not show an assistant's message whole.
    """
    messages = row["messages"]
    rendered = _render(tokenizer, messages)
    placed = [(i, place(m["content"], rendered, _marked(tokenizer, messages, i))) for i, m in _said(messages)]
    if not all(found for _, found in placed):
        raise ValueError("the chat template leaves out a part of an assistant's message: no label would be right")
    encoded = tokenizer(rendered, add_special_tokens=False, return_offsets_mapping=True)
    found = [(spot, _spans_of(row, i)) for i, spot in placed if spot]
    labels = label_tokens(
        encoded["input_ids"],
        encoded["offset_mapping"],
        learnt_characters(rendered, found),
        ends=[_end(spot) for spot, _ in found],
        closing={*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder},
    )
    whole = {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], "labels": labels}
    return {name: values[:max_length] for name, values in whole.items()}


class SpanCollator:
    """Makes batches of released chat rows for TRL's `SFTTrainer` (or any `Trainer`): labels by the training spans.

    The trainer must leave the rows alone: `SFTConfig(dataset_kwargs={"skip_prepare_dataset": True},
    remove_unused_columns=False)`. A row that `max_length` cuts before anything learnt has no label at all.
    """

    def __init__(self, tokenizer: Any, max_length: int | None = None, return_tensors: str = "pt") -> None:
        """`return_tensors`: `pt`, or `np` where there is no torch."""
        if tokenizer.pad_token_id is None:
            raise ValueError("the tokenizer has no padding token; set tokenizer.pad_token, such as to its eos_token")
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._return_tensors = return_tensors

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """`input_ids`, `attention_mask` and `labels`, padded to the longest row on the tokenizer's side."""
        from transformers import DataCollatorForSeq2Seq

        pad = DataCollatorForSeq2Seq(self._tokenizer, label_pad_token_id=IGNORED, return_tensors=self._return_tensors)
        return pad([labelled(row, self._tokenizer, self._max_length) for row in rows])


def _render(tokenizer: Any, messages: Conversation) -> str:
    return str(tokenizer.apply_chat_template([dict(message) for message in messages], tokenize=False))


def _marked(tokenizer: Any, messages: Conversation, at: int) -> str:
    marked = [{**m, "content": MARK} if i == at else m for i, m in enumerate(messages)]
    return _render(tokenizer, marked)


def _said(messages: Conversation) -> list[tuple[int, Mapping[str, str]]]:
    return [(i, message) for i, message in enumerate(messages) if message["role"] == "assistant"]


def _spans_of(row: Mapping[str, Any], message: int) -> list[tuple[int, int]]:
    return [(span["start"], span["end"]) for span in row["training_spans"] if span["message"] == message]


def _end(spot: Placed) -> int:
    return int(spot.outside[-1]) + 1 if len(spot.outside) else 0

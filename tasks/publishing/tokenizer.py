"""A tokenizer of the model that is going to be trained: its chat template and its tokens.

transformers is imported where it is used, because it brings torch: a release without a template needs neither.
"""

from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.record import content_key
from schemas.release import TokenizerName
from tasks.publishing.collator import IGNORED, Conversation, labelled, marked, place, render, said
from tasks.scoring.student_files import folder_hash

TAGS = ("<thinking>", "</thinking>", "<reflection>", "</reflection>", "<output>", "</output>")


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
        """Return what the template leaves out of the messages or refuses, in words; None when all of them is there."""
        try:
            rendered = render(self._tokenizer, messages)
            placed = [place(m["content"], rendered, marked(self._tokenizer, messages, i)) for i, m in said(messages)]
        except Exception as error:  # noqa: BLE001  a template is a program of somebody else's, and may raise anything
            return f"the template fails: {type(error).__name__}: {error}"
        squeezed = "".join(rendered.split())
        for message in messages:
            for text in (message["content"], message.get("reasoning_content") or ""):
                if "".join(text.split()) not in squeezed:
                    return f"the {message['role']}'s message is not whole in what the template makes of it"
        return None if all(placed) else "the assistant's message is not whole in what the template makes of it"


def load_tokenizer(folder: Path, option: str) -> Any:
    """Return what `save_pretrained` of a tokenizer wrote, without any network. Raises `Refused`."""
    if not folder.is_dir():
        raise Refused(f"{option}: no folder {folder}; give one that a tokenizer's save_pretrained wrote")
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{option}: {folder} holds no tokenizer that can be read ({error})") from error


def end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """Return the tokens that end an answer: those of the model's generation settings, the tokenizer's, and the marker
    that the chat template puts behind a message, which a base model's settings do not have.
    """
    stated = model.generation_config.eos_token_id
    ends = {*(stated if isinstance(stated, list) else [stated]), tokenizer.eos_token_id, _closing_marker(tokenizer)}
    return sorted(token for token in ends if isinstance(token, int))


def _closing_marker(tokenizer: Any) -> int | None:
    """What `collator.py` has learnt behind an assistant's message."""
    if not tokenizer.chat_template:
        return None
    turns = [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "2"}]
    try:
        labels = labelled({"messages": turns, "training_spans": []}, tokenizer, None)["labels"]
    except Exception:  # noqa: BLE001  a template is a program of somebody else's, and may raise anything
        return None
    return next((token for token in reversed(labels) if token != IGNORED), None)


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

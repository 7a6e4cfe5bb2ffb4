"""From tokens to the text that is told of an answer while it is being written. Pure but for the tokenizer."""

import re
from typing import Any, NamedTuple

_LONGEST_MARK = 4
"""Tokens that a character may be spread over: a text that ends inside one waits for so many more."""
_UNFINISHED = "\ufffd"
_OPENED = re.compile(r"<think(?:ing)?>\s*\Z")


class Written(NamedTuple):
    """How an answer that was written here ended."""

    finish_reason: str
    """`stop`, or `length`."""
    prompt_tokens: int
    completion_tokens: int


class TextOf:
    """The text of tokens, as soon as it is sure: what a token says depends on its neighbours."""

    def __init__(self, tokenizer: Any, hidden: set[int]) -> None:
        self._tokenizer, self._hidden = tokenizer, hidden
        self._tokens: list[int] = []
        self._start = self._told = 0

    def add(self, token: int) -> str:
        if token in self._hidden:
            return ""
        self._tokens.append(token)
        return self._new(at_end=False)

    def rest(self) -> str:
        return self._new(at_end=True)

    def _new(self, at_end: bool) -> str:
        """Decoded with the tokens before it, whose text is taken off again: a space may depend on them."""
        before = self._decoded(self._tokens[self._start : self._told])
        all_ = self._decoded(self._tokens[self._start :])
        waits = all_.endswith(_UNFINISHED) and len(self._tokens) - self._told < _LONGEST_MARK
        if waits and not at_end:
            return ""
        self._start, self._told = self._told, len(self._tokens)
        return all_[len(before) :]

    def _decoded(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False))


class UntilStop:
    """Text up to the first of the texts that end it; holds back what may be the beginning of one."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._held = ""
        self.found = False

    def take(self, piece: str) -> str:
        text = self._held + piece
        at = min((at for stop in self._stops if (at := text.find(stop)) >= 0), default=None)
        if at is not None:
            self.found, self._held = True, ""
            return text[:at]
        held = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self, piece: str) -> str:
        if self.found:
            return ""
        text = self.take(piece)
        return text if self.found else text + self._held


def opened_by_prompt(prompt: str) -> str:
    """Return the tag of thinking with which a prompt ends, as chat templates of reasoning models have it: it belongs to
    the answer, whose thinking would else have no beginning.
    """
    opened = _OPENED.search(prompt)
    return opened[0] if opened else ""


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` begin `stop`."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)

"""The parts of a trace while it is still being written."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from tasks.parsing.grammar import TAG

_TAGS = tuple(f"<{slash}{name}>" for slash in ("", "/") for name in ("thinking", "think", "reflection", "output"))


class Part(StrEnum):
    """What a piece of a trace belongs to."""

    THINKING = "thinking"
    REFLECTION = "reflection"
    OUTPUT = "output"
    TEXT = "text"
    """Outside the tags of the grammar."""


class LivePiece(NamedTuple):
    part: Part
    text: str
    """Without the tags."""


class LiveParts:
    """Tells the pieces of a text apart as they come. Lenient: a tag of the grammar opens or closes its part wherever it
    stands. What may be the beginning of a tag is held back. Whether the whole is well-formed, only `parse` says.
    """

    def __init__(self) -> None:
        self._held = ""
        self._inside: list[Part] = []
        self._thought = False
        self._answers = False

    def feed(self, text: str) -> Iterator[LivePiece]:
        """Yield what is sure of the text so far and was not yielded before."""
        text, at = self._held + text, 0
        for tag in TAG.finditer(text):
            yield from self._piece(text[at : tag.start()])
            self._cross(tag[2], closing=bool(tag[1]))
            at = tag.end()
        start = text.rfind("<", at)
        end = text[start:] if start >= 0 else ""
        held = len(end) if end and any(tag.startswith(end) for tag in _TAGS) else 0
        self._held = text[len(text) - held :]
        yield from self._piece(text[at : len(text) - held])

    def end(self) -> Iterator[LivePiece]:
        """Yield what was held back: no tag will come of it."""
        held, self._held = self._held, ""
        return self._piece(held)

    def _piece(self, text: str) -> Iterator[LivePiece]:
        if not text:
            return
        if self._inside:
            yield LivePiece(self._inside[-1], text)
            return
        self._answers = self._answers or (self._thought and not text.isspace())
        yield LivePiece(Part.OUTPUT if self._answers else Part.TEXT, text)

    def _cross(self, name: str, closing: bool) -> None:
        part = Part.THINKING if name == "think" else Part(name)
        if not closing:
            self._inside.append(part)
            self._answers = False
        elif part in self._inside:
            while self._inside.pop() is not part:
                pass
        if closing and part is Part.THINKING and not self._inside:  # then the output may have no tags
            self._thought = True

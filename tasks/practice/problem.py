"""What a family gives: a problem read from the question's text, solved, and where one may slip on it."""

from dataclasses import dataclass
from random import Random
from typing import Protocol


@dataclass(frozen=True)
class Slip:
    """One plausible mistake. It also fixes the way of working: a later look back finds what was written."""

    way: int
    """Which of the problem's ways of working, by its own numbering."""
    at: int
    """Which step of that way."""
    what: str
    """The step in words, such as `837 - 92`."""
    right: int
    wrong: int
    """What comes out there, without and with the mistake."""
    answer: str
    """The final answer that follows from it; never the right one."""


class Problem(Protocol):
    """A family's module has `read(question) -> Problem | None`: None for a text that is not of the family.

    Text comes from `rng` alone. None of it states an answer in so many words: that is the voice's part.
    """

    @property
    def answer(self) -> str: ...

    @property
    def difficulty(self) -> float:
        """From 0 to 1."""
        ...

    def slip(self, rng: Random) -> Slip: ...

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        """Opening and steps, the slip's way; with its mistake and what follows from it if `fell`."""
        ...

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        """A look back at the slip's step: it said `was`, it says `now`; equal when it holds."""
        ...

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        """Another pass that finds nothing, mistaken again if `fell`."""
        ...

    def gist(self, rng: Random, answer: str) -> str:
        """A sentence for the reader that holds the answer."""
        ...

"""Where questions come from: what one kind of place needs, and what it gives."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from schemas.configuration import RunConfiguration
from schemas.question_source import Questions
from tasks.questions.asking import WritingSpec
from tasks.questions.seed import Loaded


class Draw(NamedTuple):
    """Questions that come out of a generator."""

    draw_id: str
    wanted: int


class Source(ABC):
    """Questions of one kind of place, as the section `questions` of a configuration asks for them."""

    asks: ClassVar[bool] = True
    """Whether a teacher is asked for attempts at them."""

    def __init__(self, settings: Questions) -> None:
        self.settings = settings

    def lacking(self) -> str | None:
        """Return the setting that it needs and has not, as a line for a person."""
        return None

    def missing(self) -> Iterator[str]:
        """Yield what it would read and is not there, as a line for a person each."""
        return iter(())

    def glance(self) -> str:
        """Return what a short look at it says, for a person: nothing is downloaded, drawn or asked. Raises
        `Refused`.
        """
        return f"{self.settings.source} makes its questions when the run begins; none is made for a look"

    def order(self, run: RunConfiguration, endpoint: str, fresh: str) -> WritingSpec | None:
        """Return what a teacher is to write before there are any questions; None where they are there. Raises
        `Refused`.
        """
        return None

    def draw(self, seed: int) -> Draw | None:
        """Return what is drawn, where the generator may give others in an equal process; None where it is read or
        cannot.
        """
        return None

    @abstractmethod
    def load(self, seed: int) -> Loaded:
        """Return the questions: the same ones, in the same order, every time. `seed` matters to sources that make
        theirs. Raises `Refused` for what cannot be read or used, naming the row.
        """


def source_of(settings: Questions) -> Source:
    """Return the source that the settings name."""
    found: type[Source] = settings.source_class
    return found(settings)

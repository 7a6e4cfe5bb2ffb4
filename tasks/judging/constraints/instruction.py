"""What one verifiable instruction is: arguments that are checked when it is read, and a check of a text."""

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from schemas.record import Record


class Found(NamedTuple):
    """What a check found in a text."""

    followed: bool | None
    """None where the means at hand cannot tell."""
    what: str
    """For the evidence, such as `212 words, not at least 300`; read only where it is not followed."""


class Instruction(Record, ABC):
    """One type of IFEval; its fields are the published arguments, by their published names."""

    @abstractmethod
    def check(self, text: str) -> Found:
        """Whether `text`, which is not blank, follows it. Takes time linear in the text."""


class Relation(StrEnum):
    AT_LEAST = "at least"
    LESS_THAN = "less than"

    def holds(self, found: int, asked: int) -> bool:
        return found >= asked if self is Relation.AT_LEAST else found < asked


Count = Annotated[int, Field(ge=0)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def related(noun: str, found: int, relation: Relation, asked: int) -> Found:
    return Found(relation.holds(found, asked), f"{found} {noun}, not {relation} {asked}")


def at_least(noun: str, found: int, asked: int) -> Found:
    return related(noun, found, Relation.AT_LEAST, asked)


def exactly(noun: str, found: int, asked: int) -> Found:
    return Found(found == asked, f"{found} {noun}, not {asked}")

"""What one verifiable instruction is: arguments that are checked when it is read, and a check of a text."""

import re
from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints

from schemas.record import Record


class Found(NamedTuple):
    """What a check found in a text."""

    followed: bool | None
    """None where the means at hand cannot tell."""
    what: str
    """For the evidence, such as `212 words, not at least 300`; read only where it is not followed."""


class Instruction(Record, ABC):
    """One type of IFEval or IFBench; its fields are the published arguments, by their published names."""

    id: ClassVar[str]
    """The published one."""

    def __init_subclass__(cls, id: str, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.id = id

    @abstractmethod
    def check(self, text: str) -> Found:
        """Return whether `text`, which is not blank, follows it, in time linear in the text but for `patterns`."""

    def patterns(self) -> tuple[str, ...]:
        """Return the regular expressions among its arguments, which may take longer where `backtracks` says so."""
        return ()


class Relation(StrEnum):
    AT_LEAST = "at least"
    LESS_THAN = "less than"

    def holds(self, found: int, asked: int) -> bool:
        return found >= asked if self is Relation.AT_LEAST else found < asked


def _compilable(pattern: str) -> str:
    """Raises `ValueError` unless it is a regular expression."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"got {pattern[:40]!r}, which is no regular expression ({error})") from None
    return pattern


Count = Annotated[int, Field(ge=0)]
Position = Annotated[int, Field(ge=1)]
"""Counted from 1."""
Text = Annotated[str, Field(min_length=1)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compilable)]
"""A keyword: as published, a regular expression of `re` that is searched without regard to case."""
_SIMPLE = re.compile(r"[^*+?{(\\]*")


def backtracks(pattern: str) -> bool:
    """Return whether a search for it may take more than linear time: it repeats, groups or refers back."""
    return _SIMPLE.fullmatch(pattern) is None


def related(noun: str, found: int, relation: Relation, asked: int) -> Found:
    return Found(relation.holds(found, asked), f"{found} {noun}, not {relation} {asked}")


def at_least(noun: str, found: int, asked: int) -> Found:
    return related(noun, found, Relation.AT_LEAST, asked)


def exactly(noun: str, found: int, asked: int) -> Found:
    return Found(found == asked, f"{found} {noun}, not {asked}")

"""A rule of a policy: the keys of its section, what they drop, and what it needs for that."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Protocol

import duckdb

from schemas.call import Call
from schemas.section import Section
from tasks.contamination.judge import Messages
from warehouse.landing import Warehouse


class AskJudge(Protocol):
    """Asks the teacher that a rule needs, and keeps the terminal calls."""

    calls: list[Call]

    def __call__(self, conversations: Sequence[Messages]) -> list[str | None]: ...


class Rule(Section):
    """Drops rows by SQL over what the rules before it left; without any value it asks for nothing."""

    statements: ClassVar[tuple[str, ...]]
    """Each gives what to drop now of `remaining`, the rows of `candidates` (`tasks/curation/candidates.py`) that no
    rule has dropped: place, reason and, if it says so, `duplicate_of`. Its parameters are the keys of the section, of a
    table its `_names` and its `_values`, and `$size`, that of the policy's sample. One whose parameters are all unset
    is left out, and one with `$number` is asked for each item of a list in turn."""
    only_chooses: ClassVar[bool] = False
    """It finds no fault with a row, but needs no more of its kind."""

    @property
    def is_on(self) -> bool:
        """Whether it asks for anything: by its switch `on`, or by any limit that is set."""
        return any(getattr(self, name) not in (None, {}) for name in type(self).model_fields)

    def prepare(self, warehouse: Warehouse, judge: AskJudge | None, run_id: str) -> tuple[str, ...]:
        """Land what must be there before anything is decided; returns the checks whose evidence is in force."""
        return ()

    def make_facts(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the tables that the statements ask beside `remaining`."""

    def asked(self, size: int | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """The statements that apply, in order, each with its parameters."""
        given: dict[str, Any] = {"size": size} | self.model_dump(mode="json")
        for name, table in [(name, value) for name, value in given.items() if isinstance(value, dict)]:
            given |= {f"{name}_names": [*table], f"{name}_values": [*table.values()]}
        for sql in self.statements:
            named = {name: given.get(name) for name in re.findall(r"\$(\w+)", sql)}
            if "number" in named:
                items = max(len(value) for value in named.values() if isinstance(value, list))
                yield from ((sql, named | {"number": number}) for number in range(1, items + 1))
            elif not named or any(value is not None for value in named.values()):
                yield sql, named

"""A rule of a policy: the keys of its section, what they drop, and what it needs for that."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, ClassVar, Protocol, Self, get_args, get_origin

import duckdb
from pydantic import ValidationInfo, model_validator

from schemas.call import Call
from schemas.section import Section
from tasks.contamination.judge import Messages
from warehouse.landing import Warehouse


class AskJudge(Protocol):
    """Asks the teacher that a rule needs, and keeps the terminal calls."""

    calls: list[Call]

    def __call__(self, conversations: Sequence[Messages]) -> list[str | None]: ...


class Rule(Section):
    """Drops rows by SQL over what the rules before it left; one that has keys asks for nothing where none is set."""

    statements: ClassVar[tuple[str, ...]]
    """Each gives what to drop now of `remaining`, the rows of `candidates` (`tasks/curation/candidates.py`) that no
    rule has dropped: place, reason and, if it says so, `duplicate_of` and `span`; it may join every table and view. Its
    parameters are the keys of the section, of a table its `_names` and its `_values`, and `$size`, that of the policy's
    sample. One whose parameters are all unset is left out, and one with `$number` is asked for each item of a list in
    turn."""
    only_chooses: ClassVar[bool] = False
    """It finds no fault with a row, but needs no more of its kind."""

    @model_validator(mode="after")
    def _between(self, info: ValidationInfo) -> Self:
        """Of what somebody gives: a policy that has landed is read as it is."""
        for low, high in () if info.context is None else (("low", "high"), ("min_characters", "max_characters")):
            least, most = getattr(self, low, None), getattr(self, high, None)
            if least is not None and most is not None and least > most:
                raise ValueError(f"got {low} = {least} above {high} = {most}, between which nothing is")
        return self

    @property
    def is_on(self) -> bool:
        """Whether it asks for anything: by any key that is set, or by being named where it has no keys."""
        keys = type(self).model_fields
        return not keys or any(getattr(self, name) not in (None, {}) for name in keys)

    def prepare(self, warehouse: Warehouse, judge: AskJudge | None, run_id: str) -> tuple[str, ...]:
        """Land what must be there before anything is decided; returns the checks whose evidence is in force."""
        return ()

    def make_facts(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the tables that the statements ask beside `remaining`."""

    def asked(self, size: int | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the statements that apply, in order, each with its parameters."""
        given: dict[str, Any] = {"size": size} | self.model_dump(mode="json")
        for name, table in [(name, value) for name, value in given.items() if isinstance(value, dict)]:
            given |= {f"{name}_names": [*table], f"{name}_values": [*table.values()]}
        for sql in self.statements:
            named = {name: given.get(name) for name in sorted(parameters(sql))}
            if "number" in named:
                items = max(len(value) for value in named.values() if isinstance(value, list))
                yield from ((sql, named | {"number": number}) for number in range(1, items + 1))
            elif not named or any(value is not None for value in named.values()):
                yield sql, named


@cache
def parameters(sql: str) -> frozenset[str]:
    """Return the names of a statement's parameters. Raises `duckdb.Error` for what is no statement."""
    return frozenset[str]().union(*(each.named_parameters for each in duckdb.extract_statements(sql)))


def flaw_of(rule: type[Rule]) -> str | None:
    """Return what keeps a rule from being used, to follow the name of its class; None where nothing does."""
    statements = getattr(rule, "statements", None)
    if not isinstance(statements, tuple) or not all(isinstance(sql, str) for sql in statements):
        return f"has the statements {statements!r}; needs a tuple of texts of SQL"
    if required := [name for name, field in rule.model_fields.items() if field.is_required()]:
        return f"has the key {required[0]} without a default; needs one, such as None for a rule that is off"
    known = {"size", "number", *rule.model_fields}
    for name, field in rule.model_fields.items():
        if dict in [get_origin(each) for each in (field.annotation, *get_args(field.annotation))]:
            known |= {f"{name}_names", f"{name}_values"}
    for sql in statements:
        try:
            asked = parameters(sql)
        except duckdb.Error as error:
            return f"has a statement that is no SQL ({error})"
        if unknown := sorted(asked - known):
            return f"has a statement with ${unknown[0]}; its parameters are {', '.join(sorted(known))}"
    return None

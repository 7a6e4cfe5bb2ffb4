"""What the page asks the warehouse, as the SQL that stands under each table: paste it into `reflectory sql`.

The SQL is in `warehouse/queries/report/`, by the name of the table. Pure but for reading those files.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.release import Release
from warehouse.catalog import query_text

FATES = ("kept", "dropped", "failed", "pending")
BINS = 24
LEVELS = ("lowest", "q10", "q25", "median", "q75", "q90", "highest")
"""The columns that hold quantiles."""
LISTED = 50
"""Rows at most of a table that lists cases."""
SAMPLED = 300
"""Traces at most that the page shows in full: as many of each family, fate, verdict and effect as there is room for, so
that whoever looks for what is rare finds it. Which ones, the hash of curation and trace decides."""

Parameters = Mapping[str, str | int]
_TOLD: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Query:
    """One table of the page."""

    name: str
    title: str
    views: str
    """Those that its SQL reads, for the line above it."""
    statement: str
    """SQL with the names of `parameters`, each after a `$`."""
    prose: str = ""
    empty: str = "None."
    """What the page says instead of a table without rows."""
    parameters: Parameters = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The statement as a reader pastes it: its parameters as literals."""
        return _PARAMETER.sub(lambda named: _literal(self.parameters[named[1]]), self.statement)


class ReportQueries:
    """The queries about a release, and about the curation that decided on it."""

    def __init__(self, release: Release, curation_id: str) -> None:
        """A query has those parameters that its text names: DuckDB refuses others."""
        self._known: dict[str, str | int] = {"curation_id": curation_id, "listed": LISTED, "sampled": SAMPLED}
        self._known |= {"bins": BINS, "last_bin": BINS - 1}
        self._known |= {"release_name": release.name, "release_content": release.content_hash}

    def of(self, name: str, title: str = "", **names: str) -> Query:
        """Return one by the name of its SQL, in which `names` stand for names; `title` where each use has another."""
        texts = {"title": title, "views": "decided_full"} | _TOLD[name]
        texts["prose"] = texts.get("prose", "").format(listed=LISTED)
        return self._query(name, query_text(f"report/{name}", **names), **texts)

    def funnel(self, rules: Sequence[str]) -> list[Query]:
        """Return the funnel as stored and by family; `rules` are its steps, in order."""
        steps = ", ".join(f"max(n) FILTER (place = {n}) AS {_identifier(rule)}" for n, rule in enumerate(rules, 1))
        return [self.of("funnel_steps"), self.of("funnel_by_family", steps=steps or "NULL AS nothing")]

    def spread(self, column: str, title: str, prose: str, digits: int) -> Query:
        """Return quantiles of a column by fate; without `digits` they are whole numbers."""
        text = query_text("report/spread_score" if digits else "report/spread_count", column=column)
        return self._query(f"spread_{column}", text, title=title, views="decided_full", prose=prose)

    def _query(self, name: str, text: str, **texts: str) -> Query:
        parameters = {named: self._known[named] for named in _PARAMETER.findall(text)}
        return Query(name=name, statement=text, parameters=parameters, **texts)


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

"""The shipped views and macros, made from their files; and the same views as they were at a moment of the past."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from schemas.tables import TABLES

PAST = ("traces_full", "attempts_full", "fates", "yield_by_source")
"""Views that can be asked as they were."""
WHOLE = {
    "newest_traces": ("traces", "SELECT * FROM traces"),
    "newest_verdicts": ("verdicts", "SELECT * FROM verdicts WHERE subject = 'trace'"),
}
"""Views of the newest rows of a table, and what each comes to where no row has a newer one."""
_PAST_COMMENT = (
    "How did {view} stand then? {view}_at('run_id') is {view} as that run left it, {view}_at('2026-05-01 12:00') as it"
    " was at that time (UTC): the same query over the rows that had landed, by the clock of who landed them."
)
_MOMENT = """
    SELECT coalesce(
        (SELECT max(landed_at) FROM main.runs WHERE run_id = version::VARCHAR),
        try_cast(version::VARCHAR || '+00' AS TIMESTAMPTZ),
        try_cast(version::VARCHAR || ' 00:00+00' AS TIMESTAMPTZ),
        try_cast(version::VARCHAR AS TIMESTAMPTZ),
        error('version: got ' || version::VARCHAR || '; needs the run_id of a run that has landed, or a time')
    )
"""
_WORD = re.compile(r"\w+")
_VIEWS = Path(__file__).parent / "views"


@dataclass(frozen=True)
class ViewDefinition:
    kind: str
    """As COMMENT ON calls it."""
    text: str
    comment: str


@cache
def definitions() -> dict[str, ViewDefinition]:
    """Return views and macros by name, each after those that it reads."""
    texts = {_name(file): file.read_text(encoding="utf-8") for file in _files()}
    found = {name: _definition(text) for name, text in texts.items()}
    bodies = {name: _body(name, text) for name, text in texts.items()}
    for view in PAST:
        found[f"{view}_at"] = ViewDefinition("MACRO TABLE", _past_macro(view, bodies), _PAST_COMMENT.format(view=view))
    return found


def _past_macro(view: str, bodies: Mapping[str, str]) -> str:
    """The macro `view_at(version)`: the view's own query and those of the views below it, over tables cut at a moment.

    A table's rows never change, so those that had landed by a moment are the table of that moment. In a query, a name
    in WITH hides a table or view of that name: so no text is written twice.
    """
    cut = [f"{table} AS NOT MATERIALIZED (FROM main.{table} WHERE landed_at <= (FROM moment))" for table in TABLES]
    below = list(bodies)[: list(bodies).index(view)]
    views = [f"{name} AS NOT MATERIALIZED ({bodies[name]})" for name in below if bodies[name]]
    parts = ",\n".join([f"moment AS MATERIALIZED ({_MOMENT})", *cut, *views])
    return f"CREATE MACRO {view}_at(version) AS TABLE\nWITH {parts}\nFROM (\n{bodies[view]}\n)"


def named_in(sql: str) -> list[str]:
    """Return the views and macros that a query names, and those below them."""
    words, named = set(_WORD.findall(sql.lower())), []
    for name, definition in reversed(definitions().items()):
        if name in words:
            named.append(name)
            words.update(_WORD.findall(definition.text.lower()))
    return named[::-1]


def tables_in(sql: str, names: Collection[str]) -> list[str]:
    """Return the tables that a query names, or one of the views and macros of the `names`."""
    texts = [sql, *(definitions()[name].text for name in names)]
    words = {word for text in texts for word in _WORD.findall(text.lower())}
    return [table for table in TABLES if table in words]


def define_views(
    connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None, whole: Collection[str] = ()
) -> None:
    """Make all views and macros, or those of the names, over tables or views that have the tables' names, in schema
    main.

    Those in `whole` are known to leave no row out, and do not look for newer ones.
    """
    for name, each in definitions().items():
        if names is None or name in names:
            connection.execute(f"CREATE VIEW {name} AS {WHOLE[name][1]}" if name in whole else each.text)
            connection.execute(f"COMMENT ON {each.kind} {name} IS {quoted(each.comment)}")


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _definition(text: str) -> ViewDefinition:
    comment = " ".join(line[2:].strip() for line in text.splitlines() if line.startswith("--"))
    return ViewDefinition("MACRO TABLE" if "CREATE MACRO" in text else "VIEW", text, comment)


def _files() -> list[Path]:
    """In the order that they must be made. The comment that a file begins with is the view's."""
    return sorted(_VIEWS.glob("*.sql"))


def _name(file: Path) -> str:
    return file.stem.partition("_")[2]


def _body(name: str, text: str) -> str:
    """The query of a view; nothing of a macro."""
    _, _, body = text.partition(f"CREATE VIEW {name} AS\n")
    return body.rstrip().removesuffix(";")

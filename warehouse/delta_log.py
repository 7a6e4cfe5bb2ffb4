"""A Delta table's log, read without the package that writes it: which files the last commit has, and which columns."""

import json
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from schemas.errors import Refused


class TableLog(NamedTuple):
    """What a table's commits come to."""

    version: int
    """Of the last commit."""
    names: list[str]
    """Its Parquet files, within the table's folder."""
    columns: set[str]
    alike: bool
    """Whether the columns are still those with which the table was made."""


class CommitsMissing(ValueError):
    """The log does not begin with the table's first commit: another program has cleaned it up behind a checkpoint."""


def is_table(folder: Path) -> bool:
    """Return whether there is a table that has been committed."""
    return any((folder / "_delta_log").glob("*.json"))


def read_log(folder: Path) -> TableLog | None:
    """Replay a table's commits from its first one; None where there is no table.

    Every commit is there, because tables are made with `delta.enableExpiredLogCleanup = false`; else this raises
    `CommitsMissing`.
    """
    commits = sorted((folder / "_delta_log").glob("[0-9]*.json"))
    if not commits:
        return None
    if [int(commit.stem) for commit in commits] != list(range(len(commits))):
        raise CommitsMissing(f"{folder}: its log has commit {commits[-1].stem}, but not all before it")
    names: dict[str, None] = {}
    schemas: list[Any] = []
    for commit in commits:
        try:
            lines = commit.read_bytes().splitlines()
            actions = [json.loads(line) for line in lines if not line.startswith(b'{"commitInfo"')]
        except ValueError as error:
            raise Refused(
                f"{commit}: not a commit of a Delta table ({error}). A loss of power tears the last one: the next run,"
                " or `reflectory compact`, undoes it, and what it held lands again"
            ) from error
        for action in actions:
            if added := action.get("add"):
                names[unquote(added["path"])] = None
            elif removed := action.get("remove"):
                names.pop(unquote(removed["path"]), None)
            elif made := action.get("metaData"):
                schemas.append(json.loads(made["schemaString"]))
    columns = {field["name"] for field in schemas[-1]["fields"]}
    return TableLog(len(commits) - 1, list(names), columns, schemas[-1] == schemas[0])

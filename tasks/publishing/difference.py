"""What differs between two releases: rows by their traces, and what decided on them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow.parquet as pq

from schemas.release_rows import ChatRow
from warehouse.spilling import spill_folder

_SETTLED = ("policy", "scorer", "configuration", "fates")
"""What a manifest says of how its release came about, code and table versions aside."""
_COMPARED = [name for name in ChatRow.model_fields if name not in ("trace_id", "rank")]
"""A rank changes with every row that others gain or lose."""


class RowChange(NamedTuple):
    change: str
    """`added`, `removed` or `changed`."""
    source: str
    trace_id: str
    question_id: str
    columns: list[str]
    """Those that differ in a changed row."""


class Setting(NamedTuple):
    key: str
    before: str
    """JSON; `-` where it is not there."""
    after: str


def row_changes(before: Path, after: Path) -> list[RowChange]:
    """Return the rows of two release folders that are not the same, by source and trace."""
    files = {"before": _chat(before), "after": _chat(after)}
    common = set.intersection(*(set(pq.read_schema(paths[0]).names) for paths in files.values()))
    compared = [name for name in _COMPARED if name in common]  # older code had fewer
    differing = ", ".join(f"""CASE WHEN a."{c}" IS DISTINCT FROM b."{c}" THEN '{c}' END""" for c in compared)
    query = f"""
        SELECT
            CASE WHEN a.trace_id IS NULL THEN 'added' WHEN b.trace_id IS NULL THEN 'removed' ELSE 'changed' END,
            coalesce(b.source, a.source),
            coalesce(b.trace_id, a.trace_id),
            coalesce(b.question_id, a.question_id),
            CASE WHEN a.trace_id = b.trace_id THEN [c FOR c IN [{differing}] IF c IS NOT NULL] ELSE [] END AS columns
        FROM read_parquet($before) a
        FULL JOIN read_parquet($after) b ON a.trace_id = b.trace_id
        WHERE a.trace_id IS NULL OR b.trace_id IS NULL OR len(columns) > 0
        ORDER BY ALL
    """
    with duckdb.connect(config={"temp_directory": spill_folder()}) as connection:
        return [RowChange(*row) for row in connection.execute(query, files).fetchall()]


def _chat(folder: Path) -> list[str]:
    """Its files of chat rows, one for each split."""
    return sorted(str(file) for file in folder.glob("chat*.parquet"))


def setting_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Setting]:
    """Return the keys of the policy, the scorer, the configuration and the fates whose values two manifests do not
    share.
    """
    a, b = ({key: m.get(key) for key in _SETTLED} for m in (before, after))
    flat_a, flat_b = dict(_flat(a)), dict(_flat(b))
    keys = [*flat_a, *(key for key in flat_b if key not in flat_a)]
    return [
        Setting(key, flat_a.get(key, "-"), flat_b.get(key, "-")) for key in keys if flat_a.get(key) != flat_b.get(key)
    ]


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name in value:
            yield from _flat(value[name], f"{key}.{name}" if key else name)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for at, item in enumerate(value):
            yield from _flat(item, f"{key}[{at}]")
    else:
        yield key, json.dumps(value)

"""Rows as a file or a data set holds them, one at a time, each with its place for messages."""

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.question_source import Questions, Source
from tasks.jsonl import Number

Row = tuple[str, dict[str, Any]]
"""Where the row stands, such as `data.jsonl, line 3`, and what it holds."""


def rows(settings: Questions) -> Iterator[Row]:
    """The rows of a source that has some. Raises `Refused` for what cannot be read."""
    path = Path(settings.path or "")
    columns = settings.columns
    wanted = (columns.question, columns.gold, columns.kind, columns.spec, columns.id, columns.tags)
    if settings.source is Source.HUGGINGFACE:
        return huggingface(settings, wanted)
    is_parquet = settings.source is Source.RECORDED and path.suffix in (".parquet", ".pq")
    if settings.source is Source.PARQUET or is_parquet:
        return parquet(path, wanted + columns.responses)
    return jsonl(path)


def jsonl(path: Path, setting: str = "questions.path") -> Iterator[Row]:
    """One object per line; blank lines, CRLF and a byte order mark are no matter. `setting` is what named the file."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if text.strip():
                    place = f"{path}, line {number}"
                    yield place, _object(place, text)
    except OSError as error:
        raise Refused(f"{setting}: cannot read {str(path)!r}: {error.strerror}") from error


def _object(place: str, line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode(), object_pairs_hook=_unambiguous, parse_float=Number)
    except (ValueError, RecursionError) as error:  # ValueError: bad UTF-8, bad JSON, a number of 5,000 digits
        raise Refused(f"{place}: not JSON in UTF-8 ({error}); needs one JSON object on each line") from error
    if not isinstance(value, dict):
        raise Refused(f"{place}: got a JSON {type(value).__name__}; needs one JSON object on each line")
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = {key for key in keys if keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
    if twice:
        raise ValueError(f"the key {min(twice)!r} stands twice in one object")
    return dict(pairs)


def parquet(path: Path, wanted: Sequence[str]) -> Iterator[Row]:
    """The rows of one file, a batch in memory at a time, with only the columns that are wanted."""
    import pyarrow
    import pyarrow.parquet

    from tasks.questions.narrow import shortest

    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            columns = _top_level(file.schema_arrow.names, wanted)
            kind = pyarrow.struct([field for field in file.schema_arrow if field.name in columns])
            for batch in file.iter_batches(batch_size=1024, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}, row {number}", shortest(row, kind)
    except (OSError, ValueError, pyarrow.ArrowException) as error:  # ValueError: text that is not UTF-8
        raise Refused(f"questions.path: cannot read {str(path)!r} after row {number}: {error}") from error


def huggingface(settings: Questions, wanted: Sequence[str]) -> Iterator[Row]:
    """The rows of a split, by `datasets`: a local folder without any network, else a data set of the hub."""
    import datasets
    import pyarrow

    from tasks.questions.narrow import shortest

    datasets.disable_progress_bars()
    try:
        data = datasets.load_dataset(
            settings.path, name=settings.subset, split=settings.split, revision=settings.revision
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise Refused(
            f"questions.path: cannot load {settings.path!r}, split {settings.split!r}; needs a local folder of "
            "data files, or a data set's name on a machine that reaches the hub (questions.subset names one of "
            f"several configurations); datasets said: {' '.join(str(error).split())[:400]}"
        ) from error
    data = data.select_columns(_top_level(data.column_names, wanted))
    kind = pyarrow.struct(list(data.features.arrow_schema))
    for number, row in enumerate(data, start=1):
        yield f"{settings.path}, {settings.split} row {number}", shortest(row, kind)


def _top_level(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The columns that the wanted paths start in; all, for the message, when the question's is not there."""

    def holds(name: str, path: str) -> bool:
        return path == name or path.startswith(f"{name}.")

    if not any(holds(name, wanted[0]) for name in names):
        return list(names)
    return [name for name in names if any(holds(name, path) for path in wanted)]

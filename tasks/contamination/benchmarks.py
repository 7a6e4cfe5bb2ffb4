"""The items of the benchmarks that a configuration names."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from schemas.detection import Benchmark
from schemas.errors import Refused
from schemas.question_source import Columns, Questions
from tasks.questions import source_of
from tasks.questions.row_source import RowSource
from tasks.rows.data_set import Unreadable
from tasks.rows.values import look_up, plain_text

_FILES = {".jsonl": "jsonl", ".parquet": "parquet", ".pq": "parquet"}


class Item(NamedTuple):
    benchmark: str
    match_id: str
    text: str


def load_benchmark(benchmark: Benchmark) -> Iterator[Item]:
    """Its items, in their order. One without words is none; any other row that gives no text raises `Refused`."""
    as_questions = Questions(
        source=_FILES.get(Path(benchmark.path).suffix, "huggingface"),
        path=benchmark.path,
        split=benchmark.split,
        subset=benchmark.subset,
        revision=benchmark.revision,
        columns=Columns(question=benchmark.column, id=benchmark.id_column),
    )
    source = source_of(as_questions)
    assert isinstance(source, RowSource)
    name, n = benchmark.name or source.name, 0
    try:
        for place, row in source.rows():
            if isinstance(row, Unreadable):
                raise Refused(f"{place}: {row.complaint}")
            text = _value(row, benchmark.column)
            if not isinstance(text, str):
                raise Refused(f"{place}, {benchmark.column}: got {text!r:.80}; needs the text of an item")
            if text.strip():
                n += 1
                yield Item(name, plain_text(_value(row, benchmark.id_column)) or place.rpartition(", ")[2], text)
    except Refused as refused:
        raise Refused(f"contamination.benchmarks: {str(refused).removeprefix('questions.')}") from refused
    if not n:
        raise Refused(f"contamination.benchmarks: {benchmark.path} holds no items")


def _value(row: dict[str, object], path: str) -> object:
    try:
        found: object = look_up(row, path)
    except LookupError:
        return None
    return found

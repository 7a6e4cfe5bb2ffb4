"""What a release teaches to be asked with, and what it teaches to answer."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from schemas.errors import Refused


def system_of_release(folder: Path) -> str:
    """Return the system message of most of a release's rows; empty where they have none. Raises `Refused`."""
    systems = Counter(row[0] for row in _rows(folder))
    return systems.most_common(1)[0][0]


def answers_of_release(folder: Path) -> dict[str, str]:
    """Map each question to the text of its first row. Raises `Refused`."""
    answers: dict[str, str] = {}
    for _, question, text in _rows(folder):
        answers.setdefault(question, text)
    return answers


def _rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """System message, question and text."""
    n = 0
    for path in sorted(folder.glob("chat*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1024, columns=["messages"]):
            for messages in batch.column(0).to_pylist():
                n += 1
                said = {message["role"]: message["content"] for message in messages}
                yield said.get("system", ""), said.get("user", ""), said.get("assistant", "")
    if not n:
        raise Refused(f"the release at {folder} has no rows")

"""One landing, again and again, each time with another storage call that goes wrong; prints a line of JSON for each.

    LD_PRELOAD=storage_calls.so python -m tests.chaos.one_landing storage_calls.so FOLDER WRITER WAY

Every life is a fork of this process, which has imported everything and opened nothing: a new one would take a second.
"""

import ctypes
import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import deltalake  # noqa: F401  before the forks, as is duckdb
import duckdb  # noqa: F401
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import DiskTrouble, ReflectoryError
from schemas.question import AnswerKind, Question
from schemas.record import Provenance
from schemas.tables import TABLES
from warehouse.arrow_schema import arrow_schema, to_arrow
from warehouse.catalog import connect_for
from warehouse.disk import private_files
from warehouse.landing import Warehouse

UNITS, ROWS = 2, 50
KILLED, TORN = -1, -2
WAYS = {"killed": KILLED, "torn": TORN, "EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
LANDED, IN_A_SENTENCE, OTHERWISE = 0, 10, 11
NEVER = 0


def rows(unit: int) -> list[Question]:
    texts = [f"How much is {unit} + {n}? " + "Show your work. " * 40 for n in range(ROWS)]
    return [Question.of(text=text, gold=str(unit), kind=AnswerKind.NUMBER, source="sums") for text in texts]


def land(folder: Path) -> None:
    """As a run does: hold the lease, land two units."""
    warehouse = Warehouse(folder)
    warehouse.create()
    with private_files(), warehouse.sole_writer():
        for unit in range(UNITS):
            warehouse.land("questions", rows(unit), "run", str(unit))


def read(folder: Path) -> list[str]:
    """The keys that a reader sees."""
    connection = connect_for(Warehouse(folder), "FROM questions")
    found = [str(key) for (key,) in connection.execute("SELECT question_id FROM questions").fetchall()]
    connection.close()
    return found


def land_naively(folder: Path) -> None:
    """The control: a file of its own for each unit, under a name of its own, written in place."""
    for unit in range(UNITS):
        keys = pa.table({"question_id": [row.question_id for row in rows(unit)], "text": [r.text for r in rows(unit)]})
        pq.write_table(keys, folder / f"part-{os.getpid()}-{unit}.parquet", row_group_size=10)


def read_naively(folder: Path) -> list[str]:
    return [key for file in sorted(folder.glob("*.parquet")) for key in pq.read_table(file)["question_id"].to_pylist()]


WRITERS: dict[str, tuple[Callable[[Path], None], Callable[[Path], list[str]]]] = {
    "ours": (land, read),
    "naive": (land_naively, read_naively),
}


def forked(work: Callable[[], object]) -> tuple[int, str]:
    """How a fork of this process ends that does the work, and what it said: its exit code, or minus its signal."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        code, said = LANDED, ""
        try:
            said = json.dumps(work())
        except ReflectoryError as error:
            code, said = (
                (IN_A_SENTENCE if isinstance(error, DiskTrouble) or error.exit_code == 2 else OTHERWISE),
                str(error),
            )
        except BaseException as error:  # noqa: BLE001  whatever it is, the parent says it
            code, said = OTHERWISE, f"{type(error).__name__}: {error}"
        os.write(writing, said.encode()[:60_000])
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def cases(library: Any, template: Path, folder: Path, writer: str, how: int) -> Iterator[dict[str, Any]]:
    """First a landing in which nothing goes wrong, then one for each of its calls."""
    write, look = WRITERS[writer]

    def life(n: int) -> dict[str, Any]:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)

        def armed() -> int:
            library.watch_storage(str(folder).encode(), n, how)
            try:
                write(folder)
            finally:
                library.watch_storage(b"", 0, 0)
            return 0

        def look_and_write() -> tuple[list[str], list[str]]:
            after = look(folder)
            write(folder)
            return after, look(folder)

        code, said = forked(armed)
        read_code, seen = forked(look_and_write)
        after, again = json.loads(seen) if read_code == LANDED else (seen, [])
        return {"code": code, "said": said, "after": after, "again": again}

    def counted() -> int:
        library.watch_storage(str(folder).encode(), NEVER, 0)
        write(folder)
        return int(library.storage_calls())

    shutil.copytree(template, folder)
    _, n_calls = forked(counted)
    yield {"calls": int(n_calls)}
    for n in range(1, int(n_calls) + 1):
        yield {"n": n, **life(n)}


def main() -> None:
    library, folder, writer = ctypes.CDLL(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    template = folder / "template"
    template.mkdir(parents=True)
    for record in TABLES.values():
        arrow_schema(record)
    to_arrow(rows(0), Provenance(landed_by="", landed_at=datetime.now(UTC)))  # imports pandas
    if writer == "ours":
        forked(lambda: Warehouse(template).create())
    for case in cases(library, template, folder / "landing", writer, WAYS[sys.argv[4]]):
        print(json.dumps(case), flush=True)


if __name__ == "__main__":
    main()

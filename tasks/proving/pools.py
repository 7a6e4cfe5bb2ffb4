"""The rows that arms are made of: those of a release, and all that the plans behind it have in the warehouse."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from schemas.call import Message
from schemas.errors import Refused
from schemas.pair import Original
from schemas.proving import Arm, Pool
from schemas.record import content_key
from schemas.release_format import ReleaseFormat, Split
from schemas.verdict import Ruling
from tasks.proving.case import read_lines
from tasks.proving.labels import REJECTED
from tasks.publishing.content import file_stem
from tasks.publishing.conversations import KeptBatch, chat
from tasks.publishing.decided import CuratedTraces
from tasks.publishing.manifest import read_manifest
from warehouse.reading import Snapshot

Row = Mapping[str, Any]
"""With `trace_id`, `messages` and `training_spans`, like a chat row of a release; a preference has `rejected`."""


class Pools:
    """The pools of one release."""

    def __init__(self, folder: Path, now: Snapshot | None) -> None:
        """`now`: the warehouse that the release was made from, with a limit of memory; None: only the release's own
        rows can be had."""
        self._folder, self._now = folder, now
        self.manifest = read_manifest(folder)

    def rows(self, pool: Pool) -> list[Row]:
        """Return the rows of a pool in the order of their ids. Raises `Refused` where the warehouse is missing or does
        not know the release.
        """
        if pool is Pool.RELEASE:
            return sorted(map(_plain, self._lines(ReleaseFormat.CHAT)), key=lambda row: str(row["trace_id"]))
        if pool is Pool.PREFERENCES:
            return sorted(map(_preference, self._lines(ReleaseFormat.DPO)), key=lambda row: str(row["trace_id"]))
        if self._now is None:
            raise Refused(f"arms: the pool {pool.value} needs the warehouse that {self._folder.name} was made from")
        with TemporaryDirectory() as disk:
            return self._read(pool, self._now, CuratedTraces(self._now, self.manifest["curation_id"], Path(disk)))

    def _read(self, pool: Pool, now: Snapshot, curated: CuratedTraces) -> list[Row]:
        plans = curated.plans()
        if not plans:
            raise Refused(f"arms: {self._folder.name} is no release of this warehouse; give its own with --warehouse")
        if pool is Pool.RAW:
            return list(_originals(now.rows(Original, "plan_id", plans)))
        found = {row["trace_id"]: row for row in self._decided(curated) if pool is Pool.ALL or row["correct"]}
        return [_plain(found[trace_id]) for trace_id in sorted(found)]

    def _decided(self, curated: CuratedTraces) -> Iterator[Row]:
        """Each as the release would have it, and whether it is `correct`."""
        for rows in curated.decided():
            batch = KeptBatch(rows, self.manifest["configuration"]["system"])
            verdicts = batch["verdict"].to_pylist()
            for row, verdict in zip(chat(batch).to_pylist(), verdicts, strict=True):
                yield {**row, "correct": verdict == Ruling.CORRECT.value}

    def _lines(self, form: ReleaseFormat) -> Sequence[Row]:
        """Those to train on."""
        for split in (None, Split.TRAIN):
            file = self._folder / f"{file_stem(form, split)}.jsonl"
            if file.is_file():
                return read_lines(file)
        raise Refused(
            f"release: {self._folder} has no {form}.jsonl; needs a folder that `reflectory release` wrote, --formats"
            f" {form} among its own"
        )


def drawn(rows: Sequence[Row], n: int, seed: int) -> list[Row]:
    """Draw so many of the rows, or all; which ones, the seed and their ids decide."""
    ordered = sorted(rows, key=lambda row: content_key("draw", seed, row["trace_id"]))
    return sorted(ordered[:n], key=lambda row: str(row["trace_id"]))


def controlled(arm: Arm, rows: Sequence[Row], questions: Sequence[Mapping[str, Any]], seed: int) -> list[Row]:
    """Return the rows with what the arm's controls do to them."""
    made = list(rows)
    if arm.permuted:
        made = [_with_response(row, rows[other]) for row, other in zip(rows, _elsewhere(rows, seed), strict=True)]
    with_gold = [row for row in questions if row["gold"] is not None]
    planted = Random(seed).sample(with_gold, min(arm.planted, len(with_gold)))
    return made + [_pair(f"planted-{row['id']}", row["question"], row["gold"]) for row in planted]


def _elsewhere(rows: Sequence[Row], seed: int) -> list[int]:
    """For each row the place of another one, each once, and never of one that asks the same, unless more than half do.

    In a shuffled circle in which those that ask the same stand together, it is as far on as the most that do.
    """
    places = list(range(len(rows)))
    Random(seed).shuffle(places)
    alike: dict[str, list[int]] = {}
    for place in places:
        alike.setdefault(asked(rows[place]), []).append(place)
    circle = [place for group in alike.values() for place in group]
    far = max(map(len, alike.values()), default=0)
    far = far if far < len(circle) else 1
    after = {place: circle[(at + far) % len(circle)] for at, place in enumerate(circle)}
    return [after[place] for place in range(len(rows))]


def asked(row: Row) -> str:
    """Return what its user says."""
    return "\n\n".join(message["content"] for message in row["messages"] if message["role"] == "user")


def reflects(row: Row) -> bool:
    """Return whether its response has a reflection."""
    return "<reflection>" in row["messages"][-1]["content"]


def _originals(rows: Sequence[Original]) -> Iterator[Row]:
    for row in sorted({row.original_id: row for row in rows if row.bad is None}.values(), key=lambda r: r.original_id):
        text = f"{row.instruction}\n\n{row.input}" if row.input else row.instruction
        yield _pair(row.original_id, text, row.response)


def _pair(id: str, question: str, response: str) -> Row:
    messages = [Message(role="user", content=question), Message(role="assistant", content=response)]
    spans = [{"message": 1, "start": 0, "end": len(response)}]
    return {"trace_id": id, "messages": [m.model_dump() for m in messages], "training_spans": spans}


def _with_response(row: Row, other: Row) -> Row:
    messages = [*row["messages"][:-1], other["messages"][-1]]
    spans = [{**span, "message": len(messages) - 1} for span in other["training_spans"]]
    return {"trace_id": row["trace_id"], "messages": messages, "training_spans": spans}


def _preference(row: Row) -> Row:
    """As a chat row of the chosen answer, with the one that it is preferred to in `rejected`."""
    messages = [*row["prompt"], *row["chosen"]]
    span = {"message": len(messages) - 1, "start": 0, "end": len(messages[-1]["content"])}
    made = {"trace_id": row["preference_id"], "messages": messages, "training_spans": [span]}
    return {**made, REJECTED: row["rejected"]}


def _plain(row: Row) -> Row:
    return {name: row[name] for name in ("trace_id", "messages", "training_spans")}

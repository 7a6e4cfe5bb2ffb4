"""Questions and what was recorded with them, in a file: as many as a plan wants, a few at a time in memory."""

import os
import pickle
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from tempfile import TemporaryFile
from typing import Any, overload

import numpy as np

from schemas.question import Question
from tasks.questions.recorded import Recorded, Seed
from warehouse.packed_keys import PackedKeys, packed
from warehouse.spilling import kept_aside

_AT_ONCE = 1000
"""Questions in memory where all are read one after the other."""
_BUFFER = 1 << 20
_FIELDS = tuple(Question.model_fields)
_values = attrgetter(*_FIELDS)
_NO_ID = 0


class SeedFile(Sequence[Seed]):
    """Distinct questions in the order in which they came first, each with all that was recorded with it.

    Some 50 bytes of each are in memory. Threads may share one. The file has no name: it goes with this object, or with
    the process.
    """

    def __init__(self, rows: "_Rows", facts: "_Facts", places: np.ndarray) -> None:
        """Of all questions that were written, those at `places`."""
        self._rows, self._facts, self._places = rows, facts, places
        self.ids = facts.ids.picked(places)
        self.n_without_gold = int(facts.without_gold[places].sum())
        self.are_recorded = facts.recorded[places]
        """Of each question, whether anything was recorded with it."""

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Seed: ...

    @overload
    def __getitem__(self, index: slice) -> list[Seed]: ...

    def __getitem__(self, index: int | slice) -> Seed | list[Seed]:
        if isinstance(index, slice):
            return [_seed(rows) for rows in self._rows.of(self._places[index])]
        return _seed(*self._rows.of(self._places[[index]]))

    def __iter__(self) -> Iterator[Seed]:
        for begin in range(0, len(self), _AT_ONCE):
            yield from self[begin : begin + _AT_ONCE]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    @property
    def sizes(self) -> np.ndarray:
        """Bytes of each question with what was recorded with it, about as many as its texts have."""
        sizes: np.ndarray = self._rows.sizes()[self._places]
        return sizes

    @property
    def kinds(self) -> list[str]:
        """That of each question."""
        names = list(self._facts.kinds)
        return [names[number] for number in self._facts.kind_numbers[self._places]]

    @property
    def is_recorded(self) -> bool:
        """Whether anything was recorded with any of them."""
        return bool(self.are_recorded.any())

    @property
    def n_equal_ids(self) -> int:
        """Questions whose source gave them the id of an earlier one."""
        given = self._facts.external[self._places]
        given = given[given != _NO_ID]
        return len(given) - len(np.unique(given))

    def asked_twice(self) -> Iterator[list[Seed]]:
        """Yield the questions of one text that differ in gold, kind or spec: a list for each such text."""
        texts, answers = self._facts.texts[self._places], self._facts.answers[self._places]
        order = np.lexsort((answers, texts))
        texts, answers = texts[order], answers[order]
        differ = (texts[1:] == texts[:-1]) & (answers[1:] != answers[:-1])
        doubtful = np.unique(texts[1:][differ])
        begins, ends = (np.searchsorted(texts, doubtful, side) for side in ("left", "right"))
        for places in sorted(sorted(order[a:b].tolist()) for a, b in zip(begins, ends, strict=True)):
            yield [self[place] for place in places]

    def without(self, question_ids: Collection[str]) -> "SeedFile":
        """Return the same questions but for these."""
        if not question_ids:
            return self
        return self.where(np.array([key not in question_ids for key in self.ids], bool))

    def where(self, chosen: np.ndarray) -> "SeedFile":
        """Return those of them for which `chosen`, booleans in their order, holds."""
        return SeedFile(self._rows, self._facts, self._places[chosen])


class SeedWriter:
    """Takes questions as they come, equal ones too, and what was recorded with each."""

    def __init__(self) -> None:
        self._rows = _Rows()
        self._numbers: dict[bytes, int] = {}
        self._facts = _Facts()

    def __len__(self) -> int:
        """Distinct questions."""
        return len(self._facts.ids)

    def __contains__(self, question: Question) -> bool:
        return packed(question.question_id) in self._numbers

    def add(self, seed: Seed) -> None:
        """Add a seed; of a question that is there, only what was recorded counts. Raises `Refused` where the disk has
        no room.
        """
        number = self._numbers.setdefault(packed(seed.question.question_id), len(self._numbers))
        is_new = number == len(self._facts.ids)
        if is_new:
            self._facts.add(seed.question)
        if seed.recorded:
            self._facts.note_recorded(number)
        if is_new or seed.recorded:
            said = [(each.column, each.text, each.reasoning, each.system) for each in seed.recorded]
            self._rows.write(number, (_values(seed.question) if is_new else None, seed.place, said))

    def finish(self) -> SeedFile:
        """Return what was taken. Nothing can be added any more."""
        self._numbers.clear()
        n = len(self._facts.ids)
        return SeedFile(self._rows.closed(n), self._facts.closed(), np.arange(n, dtype=np.int32))


def in_file(seeds: Iterable[Seed]) -> SeedFile:
    """Return seeds in a file, as they may be there already."""
    if isinstance(seeds, SeedFile):
        return seeds
    writer = SeedWriter()
    for seed in seeds:
        writer.add(seed)
    return writer.finish()


class _Rows:
    """What was written of each question: one row, and one more for each time that it came again."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=_BUFFER)  # noqa: SIM115
        self._owners, self._ends = array("i"), array("q", [0])

    def write(self, number: int, row: Any) -> None:
        """Add a row to that question."""
        held = pickle.dumps(row, pickle.HIGHEST_PROTOCOL)
        with kept_aside("questions"):
            self._file.write(held)
        self._owners.append(number)
        self._ends.append(self._ends[-1] + len(held))

    def closed(self, n: int) -> "_Rows":
        """Make it ready to be read, of `n` questions."""
        with kept_aside("questions"):
            self._file.flush()
        owners = np.frombuffer(self._owners, np.int32)
        self._order = np.argsort(owners, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(owners[self._order], np.arange(n + 1)).astype(np.int32)
        return self

    def sizes(self) -> np.ndarray:
        """Bytes of each question's rows."""
        owners, ends = np.frombuffer(self._owners, np.int32), np.frombuffer(self._ends, np.int64)
        return np.bincount(owners, np.diff(ends), len(self._starts) - 1)

    def of(self, numbers: np.ndarray) -> Iterator[list[Any]]:
        """The rows of each of these questions."""
        spans = list(zip(self._starts[numbers].tolist(), self._starts[numbers + 1].tolist(), strict=True))
        rows = self._read(np.array([row for a, b in spans for row in self._order[a:b].tolist()], np.int64))
        return ([next(rows) for _ in range(a, b)] for a, b in spans)

    def _read(self, rows: np.ndarray) -> Iterator[Any]:
        """With one look at the file for each run of neighbours."""
        for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            if len(run):
                ends = self._ends[int(run[0]) : int(run[-1]) + 2]
                held = memoryview(os.pread(self._file.fileno(), ends[-1] - ends[0], ends[0]))
                yield from (pickle.loads(held[a - ends[0] : b - ends[0]]) for a, b in pairwise(ends))


class _Facts:
    """What is asked of all questions at once, a few bytes of each."""

    def __init__(self) -> None:
        self.ids = PackedKeys()
        self.kinds: dict[str, int] = {}
        self._kinds, self._without_gold, self._external = array("H"), array("b"), array("q")
        self._texts, self._answers = array("q"), array("q")
        self._recorded = bytearray()

    def add(self, question: Question) -> None:
        self.ids.add(question.question_id)
        self._kinds.append(self.kinds.setdefault(question.kind, len(self.kinds)))
        self._without_gold.append(question.gold is None)
        self._recorded.append(False)
        self._external.append(hash(question.external_id) or 1 if question.external_id else _NO_ID)
        self._texts.append(hash(question.text.strip()))
        self._answers.append(hash((question.gold, question.kind, question.spec)))

    def note_recorded(self, number: int) -> None:
        self._recorded[number] = True

    def closed(self) -> "_Facts":
        self.recorded = np.frombuffer(self._recorded, bool)
        self.kind_numbers = np.frombuffer(self._kinds, np.uint16)
        self.without_gold = np.frombuffer(self._without_gold, np.int8)
        self.external = np.frombuffer(self._external, np.int64)
        self.texts, self.answers = np.frombuffer(self._texts, np.int64), np.frombuffer(self._answers, np.int64)
        return self


def _seed(rows: Sequence[Any]) -> Seed:
    """Of what was written of one question."""
    values, place, _ = rows[0]
    recorded = tuple(Recorded(*said) for _, _, all_said in rows for said in all_said)
    return Seed(Question(**dict(zip(_FIELDS, values, strict=True))), recorded, place)

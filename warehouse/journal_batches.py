"""Which calls are in a batch at the endpoint, and how far each batch has come: in the journal's file, each step synced.

A call is in one batch at most. Its row goes when its outcome is written, in the same transaction, so that a file of
answers can be read again from the start after a kill, or stand in it twice, and nothing is settled twice.
"""

import json
import time
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.budget import Cap, Charge
from schemas.call import Request
from schemas.record import content_key
from warehouse.disk import disk_in_a_sentence, gone, is_gone
from warehouse.journal_file import open_journal, transaction
from warehouse.journal_group import Intent, OverBudget, Settlement, write_group

_BATCH = "SELECT batch_key, announced_at, input_file_id, batch_id FROM batches"
_LIVE = """
    WHERE ended IS NULL AND batch_key IN
        (SELECT batch_key FROM batch_calls WHERE call_id IN (SELECT value FROM json_each(?)))
    ORDER BY announced_at
"""


@dataclass(frozen=True)
class Batch:
    key: str
    """Ours, which the endpoint is told."""
    announced_at: float
    """Seconds since 1970."""
    input_file_id: str | None = None
    """The endpoint's; None: nothing has been asked of it yet."""
    batch_id: str | None = None
    """The endpoint's; None: perhaps not created yet."""


@dataclass(frozen=True)
class BatchedCall:
    n: int
    """The number of its send."""
    request: Request


@dataclass(frozen=True)
class Announced:
    batch: Batch | None
    """None where no call is left for one."""
    calls: dict[str, BatchedCall]
    answered: frozenset[str]
    """Those that the journal has an answer for."""


class BatchBook:
    """For the thread that made it. Raises as `Journal` does."""

    def __init__(self, path: Path, cap: Cap | None = None) -> None:
        """Under a `cap`, whose account must have been opened, no send is announced that could exceed it."""
        self._db = open_journal(path)
        self._path, self._cap = path, cap

    def announce(self, worst: Mapping[str, tuple[Request, Charge]]) -> Announced:
        """Announce a send of each call that the budget has room for, and that they will be one batch."""
        at = time.time()
        with self._transaction():
            intents = [Intent(call_id, charge) for call_id, (_, charge) in worst.items()]
            found = write_group(self._db, intents, self._cap)
            calls, answered = {}, set()
            for (call_id, (request, _)), what in zip(worst.items(), found, strict=True):
                if isinstance(what, int):
                    calls[call_id] = BatchedCall(what, request)
                elif not isinstance(what, OverBudget):
                    answered.add(call_id)
            batch = Batch(content_key("batch", [(call_id, call.n) for call_id, call in calls.items()]), at)
            if calls:
                self._insert(batch, calls)
        return Announced(batch if calls else None, calls, frozenset(answered))

    def live(self, call_ids: Collection[str]) -> list[Batch]:
        """Return the batches that hold any of these calls, the oldest first."""
        return [Batch(*row) for row in self._db.execute(_BATCH + _LIVE, (json.dumps(list(call_ids)),))]

    def calls(self, batch: Batch) -> dict[str, BatchedCall]:
        """Return those of the batch that have no outcome yet."""
        rows = self._db.execute("SELECT call_id, n, request FROM batch_calls WHERE batch_key = ?", (batch.key,))
        return {call_id: BatchedCall(n, Request.model_validate_json(request)) for call_id, n, request in rows}

    def uploaded(self, batch: Batch, input_file_id: str) -> Batch:
        with self._transaction():
            self._db.execute("UPDATE batches SET input_file_id = ? WHERE batch_key = ?", (input_file_id, batch.key))
        return Batch(batch.key, batch.announced_at, input_file_id)

    def created(self, batch: Batch, batch_id: str) -> Batch:
        with self._transaction():
            self._db.execute("UPDATE batches SET batch_id = ? WHERE batch_key = ?", (batch_id, batch.key))
        return Batch(batch.key, batch.announced_at, batch.input_file_id, batch_id)

    def settle(self, settlements: Sequence[Settlement], of_plan: Container[str]) -> None:
        """Say how sends have ended. Those of calls that are not `of_plan` leave its account alone."""
        with self._transaction():
            self._settle(settlements, of_plan)

    def end(self, batch: Batch, how: str, settlements: Sequence[Settlement], of_plan: Container[str]) -> None:
        """Settle what is left of a batch; nothing more will come of it."""
        with self._transaction():
            self._settle(settlements, of_plan)
            self._db.execute("UPDATE batches SET ended = ? WHERE batch_key = ?", (how, batch.key))

    def close(self) -> None:
        self._db.close()

    def _settle(self, settlements: Sequence[Settlement], of_plan: Container[str]) -> None:
        write_group(self._db, [one for one in settlements if one.call_id in of_plan], self._cap)
        write_group(self._db, [one for one in settlements if one.call_id not in of_plan], None)
        call_ids = json.dumps([one.call_id for one in settlements])
        self._db.execute("DELETE FROM batch_calls WHERE call_id IN (SELECT value FROM json_each(?))", (call_ids,))

    def _insert(self, batch: Batch, calls: Mapping[str, BatchedCall]) -> None:
        values = (batch.key, batch.announced_at)
        self._db.execute("INSERT INTO batches (batch_key, announced_at) VALUES (?, ?)", values)
        rows = [(call_id, call.n, batch.key, call.request.model_dump_json()) for call_id, call in calls.items()]
        self._db.executemany("INSERT INTO batch_calls (call_id, n, batch_key, request) VALUES (?, ?, ?, ?)", rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if is_gone(self._path):
            raise gone(self._path)
        with disk_in_a_sentence(self._path), transaction(self._db):
            yield

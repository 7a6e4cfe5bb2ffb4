"""The crash-safe journal: every send of a call, kept for good, and every answer, kept until it has landed.

SQLite in WAL mode, on a local disk: WAL needs shared memory, which network file systems do not give. Nothing
is reported as written before it is synced. Writes that come together share one sync: 0.06 ms a row, not 4.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from schemas.budget import NOTHING, Cap, Charge
from schemas.call import Call, SendEnd
from schemas.run import Ledger
from warehouse.disk import disk_in_a_sentence, gone, is_gone
from warehouse.journal_file import open_journal, transaction
from warehouse.journal_group import Found, Intent, OverBudget, Settlement, Write, write_group

_UNHEARD = "outcome = 'unknown' AND tokens IS NULL AND call_id NOT IN (SELECT call_id FROM batch_calls)"
"""A batch that is under way may still be heard of."""
_THESE = "call_id IN (SELECT value FROM json_each(?))"
_CHARGED = f"""
    SELECT call_id, coalesce(tokens, worst_tokens), coalesce(usd, worst_usd) FROM sends WHERE {_THESE} OR plan_id = ?
"""
_UNSETTLED = Charge()


@dataclass
class _Group:
    """Writes that will be committed together."""

    writes: list[Write] = field(default_factory=list)
    waiting: "list[asyncio.Future[Found]]" = field(default_factory=list)
    """One for each write, so that who is cancelled takes no other's commit along."""

    def tell(self, committed: "asyncio.Future[list[Found]]") -> None:
        """Tell each what it found, or what went wrong with all."""
        error = committed.exception()
        for n, waits in enumerate(self.waiting):
            if waits.done():  # cancelled
                continue
            if error:
                waits.set_exception(error)
            else:
                waits.set_result(committed.result()[n])


class Journal:
    """One process's view of the journal. Several processes may have it open.

    The coroutines serve one event loop at a time; the plain functions may be called from any thread. Raises
    `Refused` for a file that is damaged or cannot be opened, and `DiskTrouble` when the disk takes no later
    write: then nothing of its group is written. `PlaceGone` where the file is no longer at its path: then only what has
    ended is written, to where it went.
    """

    def __init__(self, path: Path, cap: Cap | None = None) -> None:
        """Under a `cap`, whose account must have been opened, no send is announced that could exceed it."""
        self._path, self._cap = path, cap
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._gathering: _Group | None = None
        self._gate = Lock()
        try:
            self._db = self._thread.submit(open_journal, path).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def reserve(self, call_id: str, worst: Charge = _UNSETTLED) -> int | Call | OverBudget:
        """Announce a send that may cost `worst`: its number, durable before anything is sent, or the answer that is
        already there.

        Looking and announcing are one transaction, so that an answer which another task or process has just
        written is not paid for again, and that the budget holds over all of them.
        """
        found = await self._join(Intent(call_id, worst))
        assert found is not None
        return Call.model_validate_json(found) if isinstance(found, str) else found

    def settle(
        self,
        call_id: str,
        n: int,
        outcome: SendEnd,
        *,
        error: str | None = None,
        call: Call | None = None,
        spent: Charge = _UNSETTLED,
    ) -> Awaitable[object]:
        """Say how send `n` ended, with the terminal call when that is how; durable once awaited, and no later than
        any intent that is announced after this call.

        What is unknown in `spent` stays charged at its worst case. Where two processes sent the same call, the first
        answer stands.
        """
        spent = NOTHING if outcome is SendEnd.FAILED else spent
        return self._join(Settlement(call_id, n, outcome, error, spent, call.model_dump_json() if call else None))

    def open_account(self, plan_id: str, worst: Mapping[str, Charge]) -> Charge:
        """Sum up what the sends of a plan's calls are charged with, over all runs, and those of calls that it asks no
        more, such as of another judge. `worst`: by call_id, the worst case of any send that does not say its own.
        """
        return self._thread.submit(self._open_account, plan_id, worst).result()

    def unresolved(self) -> tuple[int, Charge]:
        """Send of unknown outcome that are charged at their worst case: how many, and with what."""
        row = "SELECT count(*), coalesce(sum(worst_tokens), 0), coalesce(sum(worst_usd), 0.0) FROM sends"
        [(n, tokens, usd)] = self._run(f"{row} WHERE {_UNHEARD}")
        return n, Charge(tokens=tokens, usd=usd)

    def rule_free(self) -> None:
        """Rule, for somebody who has looked at the bill: what was not heard of has cost nothing."""
        self._run(f"UPDATE sends SET tokens = 0, usd = 0 WHERE {_UNHEARD}")

    async def find(self, call_ids: Collection[str]) -> dict[str, Call]:
        """Return the terminal calls among `call_ids` that have not been forgotten."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answers, call_ids)

    def answers(self, call_ids: Collection[str]) -> dict[str, Call]:
        """Return the answers to these calls, to a caller without an event loop."""
        return self._thread.submit(self._answers, call_ids).result()

    def costs(self, call_ids: Iterable[str]) -> dict[str, float | None]:
        """Return what those of these calls have cost whose answers have not been forgotten; None where that is not
        known.
        """
        costs = dict(self._run("SELECT call_id, call ->> '$.cost_usd' FROM answers"))
        return {call_id: costs[call_id] for call_id in call_ids if call_id in costs} if costs else {}

    def forget(self, call_ids: Collection[str]) -> None:
        """Drop answers that have landed elsewhere. Their sends are kept."""
        self._run(f"DELETE FROM answers WHERE {_THESE}", call_ids)

    def forget_landed(self, landed: Callable[[Sequence[str]], Collection[str]]) -> None:
        """Drop what a kill has left of answers that had `landed`, which says which of those that are here have."""
        if here := [call_id for (call_id,) in self._run("SELECT call_id FROM answers")]:
            self.forget(landed(here))

    def ledger(self, call_ids: Collection[str]) -> Ledger:
        """Return every send of `call_ids`, over all runs."""
        counts = ", ".join(f"coalesce(sum(outcome = '{end}'), 0)" for end in SendEnd)
        [(sent, *by_end)] = self._run(f"SELECT count(*), {counts} FROM sends WHERE {_THESE}", call_ids)
        return Ledger(sent=sent, **dict(zip(map(str, SendEnd), by_end, strict=True)))

    def check(self) -> None:
        """Write to the file and sync it. Raises `DiskTrouble`."""
        self._run("CREATE TABLE IF NOT EXISTS written (at REAL)")
        self._run("INSERT OR REPLACE INTO written (rowid, at) VALUES (1, unixepoch('subsec'))")

    def close(self) -> None:
        """Finish what is being written and close the file."""
        self._thread.submit(self._db.close)
        self._thread.shutdown()

    def _open_account(self, plan_id: str, worst: Mapping[str, Charge]) -> Charge:
        # who announces a send meanwhile waits, and finds it in the account
        with disk_in_a_sentence(self._path), transaction(self._db):
            sends = self._db.execute(_CHARGED, (json.dumps(list(worst)), plan_id)).fetchall()
            tokens = sum((worst.get(key, NOTHING).tokens or 0) if spent is None else spent for key, spent, _ in sends)
            usd = sum((worst.get(key, NOTHING).usd or 0.0) if spent is None else spent for key, _, spent in sends)
            self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)", (plan_id, tokens, usd))
        return Charge(tokens=tokens, usd=usd)

    def _answers(self, call_ids: Collection[str]) -> dict[str, Call]:
        these = (json.dumps(list(call_ids)),)
        rows = self._db.execute(f"SELECT call_id, call FROM answers WHERE {_THESE}", these).fetchall()
        return {call_id: Call.model_validate_json(call) for call_id, call in rows}

    def _run(self, statement: str, call_ids: Collection[str] | None = None) -> list[Any]:
        return self._execute(statement, () if call_ids is None else (json.dumps(list(call_ids)),))

    def _execute(self, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
        with disk_in_a_sentence(self._path):
            return self._thread.submit(lambda: self._db.execute(statement, parameters).fetchall()).result()

    def _join(self, write: Write) -> "asyncio.Future[Found]":
        """Join the group that waits for the thread, or start one; done once the write is committed."""
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[Found] = loop.create_future()
        with self._gate:
            if (group := self._gathering) is None:
                group = _Group()
                loop.run_in_executor(self._thread, self._commit_group).add_done_callback(group.tell)
                self._gathering = group  # not before: nobody would come for the writes of a journal that is closed
            group.writes.append(write)
            group.waiting.append(committed)
        return committed

    def _commit_group(self) -> list[Found]:
        with self._gate:
            group, self._gathering = self._gathering, None
        return self._commit(group.writes if group else [])

    def _commit(self, writes: Sequence[Write]) -> list[Found]:
        """All of `writes` or none, in one synced transaction; where the file is gone, those alone that say how a send
        ended: it may have been moved.
        """
        is_lost = is_gone(self._path)
        kept = [write for write in writes if isinstance(write, Settlement)] if is_lost else writes
        with disk_in_a_sentence(self._path), transaction(self._db):
            found = write_group(self._db, kept, self._cap)
        if is_lost:
            raise gone(self._path)
        return found

"""One batch, step by step: uploaded, created, waited for, its answers settled; each step in the journal once done.

So whoever takes a batch up does what is left of it, and finds at the endpoint what was done but not written down.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Mapping
from contextlib import aclosing
from functools import partial
from itertools import count
from typing import Any, NamedTuple, TypeVar

from schemas.budget import NOTHING, Charge, both, larger_excess
from schemas.call import Request, SendEnd
from schemas.errors import TeacherUnavailable
from schemas.teacher import TeacherSettings
from tasks.asking.advice import advice
from tasks.asking.batch_client import BatchWire, NotDone
from tasks.asking.batch_lines import BatchLine, chat_path, input_line, read_line
from tasks.asking.call_outcome import OUTCOMES, CallOutcome, of_error
from tasks.asking.endpoint import TeacherAddress, request_bytes, tokens_of, worst_case
from tasks.asking.reply import SendResult, failed, terminal_call
from warehouse.journal_batches import Batch, BatchBook, BatchedCall
from warehouse.journal_group import Settlement

T = TypeVar("T")

_GROUP = 200
"""Answers that are settled together."""
_FIRST_POLL_S = 0.5
_LOOKS = 2
"""How often the files of a completed batch are read before a line that is in none of them counts as missing."""
_OVER = ("completed", "failed", "expired", "cancelled")
_UNDER_WAY = (
    *("validating", "in_progress", "finalizing", "cancelling", "canceling"),
    *("created", "submitted", "pending", "in_queue", "queued", "progress", "processing", "running"),
)
_SPELLINGS = {"canceled": "cancelled"}
_TAKEN_IN = ("pending", "queued", "running", "processing", "uploaded", "uploading")
"""States of a file that a batch may not be made of yet."""
_GONE = (404, 410)
_NO_SUCH_PATH = (CallOutcome.NOT_FOUND, CallOutcome.REFUSED)
_FORGOTTEN_S = 48 * 3600
"""A batch lives for 24 hours. One that the endpoint does not know before that is asked for with another key."""


class BatchState(NamedTuple):
    """How the batches of a run are going."""

    heard_at: float
    """When the endpoint last did what it was asked, on the clock of `time.monotonic`."""
    completed: int
    """Calls, as the endpoint counts them while their batch is under way."""
    trouble: str | None
    """What it has said since."""
    unknown: dict[str, str]
    """Names of states that are not known, each with the batch that it was first said of. They are waited for."""


class _Unlisted(NotDone):
    """The endpoint has no list in which a batch could be looked for."""


class BatchSteps:
    """Carries batches to their ends. Plain, for one event loop."""

    def __init__(
        self, settings: TeacherSettings, address: TeacherAddress, book: BatchBook, of_plan: Container[str]
    ) -> None:
        """`of_plan`: the calls whose costs the budget counts."""
        self._settings, self._address = settings, address
        self._book, self._of_plan = book, of_plan
        self._wire = BatchWire(settings, address)
        self._completed: Counter[str] = Counter()
        self._excess = NOTHING
        self._heard_at = time.monotonic()
        self._trouble: str | None = None
        self._unknown: dict[str, str] = {}

    @property
    def state(self) -> BatchState:
        return BatchState(self._heard_at, self._completed.total(), self._trouble, self._unknown)

    def worst(self, request: Request) -> Charge:
        """Return what one send may cost, as far as is known by now."""
        return both(worst_case(request, self._settings, request_bytes(request)), self._excess)

    async def carry(self, batch: Batch, whole: Mapping[str, BatchedCall]) -> dict[str, SendResult]:
        """Carry a batch from wherever it stands to its end; return how those of its calls have failed that have no
        terminal row. `whole`: its calls without an outcome.

        Goes on while the endpoint does not answer. Raises `TeacherUnavailable` when it refuses the batch, or denies
        each of its calls.
        """
        calls = dict(whole)
        try:
            perhaps_created = batch.input_file_id is not None
            is_new = batch.batch_id is None
            if batch.input_file_id is None:
                batch = await self._upload(batch, calls)
            if is_new:
                batch = await self._create(batch, calls, perhaps_created)
            failures = await self._collect(batch, calls, is_new)
        except _Unlisted as error:
            failures = dict.fromkeys(calls, self._gone(batch, calls, error.ended.error))
            self._end(batch, "gone", calls, failures)
        except NotDone as error:
            said = advice(error.ended, self._settings, self._address)
            if error.ended.outcome in _NO_SUCH_PATH:
                said += ". Where there is no batch API, teacher.batch = false does without"
            raise TeacherUnavailable(said) from error
        denied = [ended for ended in failures.values() if OUTCOMES[ended.outcome].stop]
        if denied and len(denied) == len(whole):
            raise TeacherUnavailable(advice(denied[0], self._settings, self._address))
        return failures

    async def close(self) -> None:
        """Close the client. What is under way goes on at the endpoint."""
        await self._wire.close()

    async def _upload(self, batch: Batch, calls: dict[str, BatchedCall]) -> Batch:
        content = b"".join(input_line(call_id, call.request) for call_id, call in calls.items())
        try:
            file = await self._persist(lambda: self._wire.upload(f"{batch.key}.jsonl", content))
        except NotDone as error:
            self._never_ran(batch, calls, error.ended)
            raise
        return self._book.uploaded(batch, str(file["id"]))

    async def _create(self, batch: Batch, calls: dict[str, BatchedCall], perhaps: bool) -> Batch:
        """`perhaps`: somebody may have created it and been killed, or cut off, before the answer came."""
        asked: dict[str, Any] = {"input_file_id": batch.input_file_id, "endpoint": chat_path(self._address.base_url)}
        asked |= {"completion_window": "24h", "metadata": {"reflectory_batch": batch.key}}
        begun = time.monotonic()

        async def attempt() -> dict[str, Any]:
            nonlocal perhaps
            if perhaps and (found := await self._find(batch)):
                return found
            perhaps = True
            try:
                return await self._wire.post("batches", value=asked)
            except NotDone as error:
                if error.passes:
                    raise
                if self._is_patient(begun) and await self._is_taken_in(batch):
                    raise NotDone(error.ended.model_copy(update={"outcome": CallOutcome.LOADING})) from error
                self._never_ran(batch, calls, error.ended)
                raise

        return self._book.created(batch, str((await self._persist(attempt))["id"]))

    def _is_patient(self, begun: float) -> bool:
        return time.monotonic() < begun + self._settings.patience_s

    async def _is_taken_in(self, batch: Batch) -> bool:
        """Whether the endpoint is still at its file, as Azure is for some seconds, and refuses the batch for that."""
        try:
            file = await self._wire.get("files", str(batch.input_file_id))
        except NotDone:
            return False
        return str(file.get("status")).casefold() in _TAKEN_IN

    async def _find(self, batch: Batch) -> dict[str, Any] | None:
        """The batch at the endpoint, known by its file, which no other has: not every endpoint keeps metadata."""
        after: dict[str, str] = {}
        while True:
            try:
                page = await self._wire.get("batches", limit="100", **after)
            except NotDone as error:
                if error.ended.outcome not in _NO_SUCH_PATH:
                    raise
                raise _Unlisted(error.ended) from error
            listed = [one for one in page.get("data") or [] if isinstance(one, dict) and "id" in one]
            for one in listed:
                if one.get("input_file_id") == batch.input_file_id:
                    return one
            if not (page.get("has_more") and listed) or after == {"after": str(listed[-1]["id"])}:
                return None
            after = {"after": str(listed[-1]["id"])}

    async def _collect(self, batch: Batch, calls: dict[str, BatchedCall], is_new: bool) -> dict[str, SendResult]:
        """Wait for its end and settle all of `calls`. `is_new`: the endpoint may need a while to know it."""
        failures: dict[str, SendResult] = {}
        ended_at = None
        for look in count(1):
            said = await self._over(batch, len(calls), is_new)
            ended_at, is_late = ended_at or time.monotonic(), False
            for name in ("output_file_id", "error_file_id"):
                if said and (file_id := said.get(name)) and isinstance(file_id, str):
                    is_late |= not await self._read(batch, calls, file_id, failures)
            if calls.keys() <= failures.keys() or not said or said["status"] == "failed":
                break
            if look >= _LOOKS and not (is_late and self._is_patient(ended_at)):
                break
            await asyncio.sleep(self._settings.batch_poll_s)
        rest = _without_a_line(batch, said) if said else self._gone(batch, calls)
        failures = {call_id: failures.get(call_id, rest) for call_id in calls}
        self._end(batch, said["status"] if said else "gone", calls, failures)
        return failures

    async def _over(self, batch: Batch, size: int, is_new: bool) -> dict[str, Any] | None:
        """What the endpoint says of the batch once it has ended; None when it does not know it."""
        assert batch.batch_id
        wait_s = min(_FIRST_POLL_S, self._settings.batch_poll_s)
        begun = time.monotonic()
        while True:
            try:
                said = await self._persist(partial(self._wire.get, "batches", batch.batch_id))
            except NotDone as error:
                if error.ended.status not in _GONE:
                    raise
                if not (is_new and self._is_patient(begun)):
                    return None
                said = {}
            counts = said.get("request_counts")
            if isinstance(counts, dict) and isinstance(n := counts.get("completed"), int):
                self._completed[batch.key] = max(self._completed[batch.key], min(n, size))
            status = str(said.get("status")).casefold()
            if (status := _SPELLINGS.get(status, status)) in _OVER:
                return said | {"status": status}
            if said and status not in _UNDER_WAY:
                self._unknown.setdefault(status, batch.batch_id)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self._settings.batch_poll_s)

    async def _read(
        self, batch: Batch, calls: dict[str, BatchedCall], file_id: str, failures: dict[str, SendResult]
    ) -> bool:
        """Settle the calls that a file ends for good, and take them out of `calls`; `failures` hears how others failed,
        which nothing but an answer can mend. Read again from its start where it breaks off; False where there is none.
        """

        def settle(lines: list[BatchLine]) -> None:
            ended = {
                call_id: ended for call_id, ended in reversed(lines) if OUTCOMES[ended.outcome].ended
            }  # the first counts
            failures.update((call_id, ended) for call_id, ended in lines if not OUTCOMES[ended.outcome].ended)
            mine = {call_id: calls.pop(call_id) for call_id in ended if call_id in calls}
            self._book.settle(self._settlements(batch, mine, ended), self._of_plan)
            self._heard_at = time.monotonic()
            lines.clear()

        async def attempt() -> None:
            group: list[BatchLine] = []
            start, readable = b"", False
            async with aclosing(self._wire.lines(file_id)) as lines:
                async for line in lines:
                    start = start or line
                    if read := read_line(line, self._settings.max_response_bytes):
                        readable = True
                        group.append(read)
                    if len(group) == _GROUP:
                        settle(group)
            settle(group)
            if start and not readable:  # a gateway's page in place of the file
                raise NotDone(failed(CallOutcome.NOT_JSON, start.decode(errors="replace")))

        try:
            await self._persist(attempt)
        except NotDone as error:
            if error.ended.status not in _GONE:
                raise
            return False
        return True

    def _settlements(
        self, batch: Batch, calls: Mapping[str, BatchedCall], ended: Mapping[str, SendResult]
    ) -> list[Settlement]:
        latency_s = max(time.time() - batch.announced_at, 0.0)
        return [self._settlement(call_id, call, ended[call_id], latency_s) for call_id, call in calls.items()]

    def _settlement(self, call_id: str, call: BatchedCall, ended: SendResult, latency_s: float) -> Settlement:
        row = terminal_call(call_id, call.request, ended, self._settings, latency_s, call.n)
        spent = Charge(tokens=tokens_of(ended.completion.usage), usd=row.cost_usd if row else None)
        spent = NOTHING if ended.counts_as is SendEnd.FAILED else spent
        worst = worst_case(call.request, self._settings, request_bytes(call.request))
        self._excess = larger_excess(self._excess, worst, spent)
        return Settlement(call_id, call.n, ended.counts_as, ended.error, spent, row.model_dump_json() if row else None)

    def _never_ran(self, batch: Batch, calls: dict[str, BatchedCall], ended: SendResult) -> None:
        """The endpoint has refused the batch: nothing is paid for."""
        rest = failed(CallOutcome.NOT_RUN, ended.error or "refused")
        self._end(batch, "refused", calls, dict.fromkeys(calls, rest))

    def _end(self, batch: Batch, how: str, calls: dict[str, BatchedCall], ended: dict[str, SendResult]) -> None:
        self._book.end(batch, how, self._settlements(batch, calls, ended), self._of_plan)

    def _gone(self, batch: Batch, calls: Mapping[str, BatchedCall], unlisted: str | None = None) -> SendResult:
        """Of the calls of a batch that the endpoint does not know, or, for the reason `unlisted`, cannot be asked for.
        Raises `TeacherUnavailable` while it may live on.
        """
        if batch.batch_id:
            which, trouble = f"batch {batch.batch_id}", "is not known"
            remedy = f"Check that teacher.api_key = {self._settings.api_key} is the key it was made with"
        else:
            which = f"batch {batch.key} of file {batch.input_file_id}"
            trouble = "may be under way, and cannot be looked for"
            remedy = f"The list of batches answers {unlisted!r}: check teacher.base_url"
        if any(call.request.endpoint.startswith("practice") for call in calls.values()):
            return failed(CallOutcome.CUT, f"the practice teacher that had {which} has ended")
        if time.time() < batch.announced_at + _FORGOTTEN_S:
            raise TeacherUnavailable(
                f"teacher at {self._address.base_url}: {which} {trouble} there. {remedy}, and give the same command"
                " again; two days after it was made it counts as lost. `--fresh NAME` asks anew, and pays anew"
            )
        return failed(CallOutcome.MISSING, f"{which} {trouble} any more")

    async def _persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Until it is done: a batch outlives an endpoint's bad hour. Raises `NotDone` where that cannot help."""
        while True:
            try:
                done = await attempt()
            except NotDone as error:
                self._trouble = error.ended.error
                if not error.passes:
                    raise
                await asyncio.sleep(max(self._settings.batch_poll_s, error.ended.retry_after_s or 0.0))
            else:
                self._heard_at, self._trouble = time.monotonic(), None
                return done


def _without_a_line(batch: Batch, said: Mapping[str, Any]) -> SendResult:
    """Of the calls of a batch that none of its files speaks of."""
    if said["status"] != "failed":
        return failed(CallOutcome.MISSING, f"batch {batch.batch_id} is {said['status']} and says nothing of this call")
    errors = said.get("errors") or said.get("error")
    data = errors.get("data", errors) if isinstance(errors, dict) else errors
    first = next(iter(data), {}) if isinstance(data, list) else data or {}
    error = first if isinstance(first, dict) else {"message": str(first)}
    return failed(of_error(error) or CallOutcome.NOT_RUN, f"batch {batch.batch_id}: {error.get('message') or 'failed'}")

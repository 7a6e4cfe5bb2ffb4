"""The teacher asked through batches: the same keyed calls as one by one, answered within hours, joined by key.

A call that is in a batch which may still answer is never put into another one, whoever was killed meanwhile.
"""

import asyncio
from collections import Counter
from functools import cached_property
from itertools import islice
from pathlib import Path

from schemas.budget import Cap
from schemas.call import OVER_BUDGET, Outcome, Request
from schemas.teacher import TeacherSettings
from tasks.asking.batch_lines import input_line
from tasks.asking.batch_steps import BatchState, BatchSteps
from tasks.asking.call_outcome import OUTCOMES, CallOutcome
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult
from warehouse.journal import Journal
from warehouse.journal_batches import Batch, BatchBook, BatchedCall

_LARGEST_FILE_BYTES = 100 * 2**20
_FOR_A_LATER_RUN = (CallOutcome.NOT_RUN, CallOutcome.MISSING)


class BatchTeacher:
    """Answers as `Teacher` does, through batches. Plain, for one event loop; Ray makes an actor of it."""

    def __init__(
        self, settings: TeacherSettings, address: TeacherAddress, journal_path: Path, cap: Cap | None = None
    ) -> None:
        self._settings, self._address = settings, address
        self._journal_path, self._cap = journal_path, cap
        self._journal = Journal(journal_path)
        self._due: dict[str, Request] = {}
        self._ends: dict[str, asyncio.Future[str | None]] = {}
        """Of every call asked for: None once its answer is in the journal, or why this run has none."""
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._sizes: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()
        self._resting = 0
        self._an_end = asyncio.Event()
        self._failure: Exception | None = None

    @cached_property
    def _book(self) -> BatchBook:
        return BatchBook(self._journal_path, self._cap)  # made by the event loop's thread, which alone may use it

    @cached_property
    def _steps(self) -> BatchSteps:
        return BatchSteps(self._settings, self._address, self._book, of_plan=self._ends)

    async def answer(self, requests: list[Request]) -> list[Outcome]:
        """Return one outcome for each request, in their order; every terminal call among them is in the journal.

        Takes as long as the batches take, and waits for an endpoint that does not answer: `state` shows it. Raises
        `TeacherUnavailable` when it refuses every batch or call alike; a later run collects what is under way then.
        """
        call_ids = [request.call_id for request in requests]
        await self.expect(requests)
        if call_ids:
            await asyncio.wait({self._ends[call_id] for call_id in call_ids})
        pending = {call_id: self._ends[call_id].result() for call_id in call_ids}
        found = await self._journal.find([call_id for call_id, reason in pending.items() if reason is None])
        return [Outcome(call_id=call_id, call=found.get(call_id), pending=pending[call_id]) for call_id in call_ids]

    async def expect(self, requests: list[Request]) -> None:
        """Begin with what will be asked for: a few large batches are better than many small ones."""
        keyed = {request.call_id: request for request in requests}
        found = await self._journal.find([call_id for call_id in keyed if call_id not in self._ends])
        if self._failure:
            raise self._failure
        new = {call_id: request for call_id, request in keyed.items() if call_id not in self._ends}
        self._ends |= {call_id: asyncio.get_running_loop().create_future() for call_id in new}
        self._due |= new
        for call_id in found.keys() & new.keys():
            self._done(call_id, None)
        self._go_on()

    async def state(self) -> BatchState:
        return self._steps.state

    async def check(self) -> None:
        """Raise `DiskTrouble` where the journal could not take an answer."""
        await asyncio.to_thread(self._journal.check)

    async def close(self) -> None:
        """Close the client. What is under way goes on at the endpoint."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._steps.close()
        self._book.close()
        self._journal.close()

    def _go_on(self) -> None:
        """Take up the batches that hold calls which are due, and put the others into batches while there is room."""
        for batch in self._book.live(self._due) if self._due else []:
            self._begin(batch, self._book.calls(batch))
        while self._due and (room := self._room()):
            due = self._some_due(room)
            announced = self._book.announce(
                {call_id: (request, self._steps.worst(request)) for call_id, request in due.items()}
            )
            for call_id in announced.answered:
                self._done(call_id, None)
            if announced.batch:
                self._begin(announced.batch, announced.calls)
            elif not announced.answered:
                break
        if not self._under_way:  # then nothing can free a part of the budget
            for call_id in list(self._due):
                self._done(call_id, OVER_BUDGET)

    def _room(self) -> int:
        """Calls that the next batch may hold."""
        most, size = self._settings.max_in_flight, self._settings.batch_size
        return size if most is None else min(size, max(most - self._sizes.total(), 0))

    def _some_due(self, most: int) -> dict[str, Request]:
        """The first of those that are due, as many as fit into a file."""
        some: dict[str, Request] = {}
        size = 0
        for call_id, request in islice(self._due.items(), most):
            size += len(input_line(call_id, request))
            if some and size > _LARGEST_FILE_BYTES:
                break
            some[call_id] = request
        return some

    def _begin(self, batch: Batch, calls: dict[str, BatchedCall]) -> None:
        for call_id in calls:
            self._due.pop(call_id, None)
        if batch.key not in self._under_way:
            self._tries.update(calls.keys())
            self._sizes[batch.key] = len(calls)
            self._under_way[batch.key] = asyncio.create_task(self._follow(batch, calls))

    async def _follow(self, batch: Batch, calls: dict[str, BatchedCall]) -> None:
        """See a batch to its end. What has failed for now is due again, or left for a later run."""
        try:
            failures = await self._steps.carry(batch, calls)
            del self._sizes[batch.key]
            again = {call_id: calls[call_id].request for call_id, end in failures.items() if self._again(call_id, end)}
            if again and len(failures) == len(calls):
                await self._rest()
        except Exception as error:
            self._failure = self._failure or error
            self._due.clear()
            for end in self._ends.values():
                if not end.done():
                    end.set_exception(error)
                    end.exception()  # heard of, also where nobody waits
            raise
        finally:
            del self._under_way[batch.key]
        for call_id in calls:
            if call_id not in again:
                self._done(call_id, failures[call_id].error if call_id in failures else None)
        self._an_end.set()
        self._an_end = asyncio.Event()
        self._due |= again
        self._go_on()

    def _again(self, call_id: str, ended: SendResult) -> bool:
        """Whether a failed call is asked again in this run."""
        lasting = (
            OUTCOMES[ended.outcome].stop
            or ended.outcome in _FOR_A_LATER_RUN
            or self._tries[call_id] >= self._settings.tries
        )
        return call_id in self._ends and not lasting

    async def _rest(self) -> None:
        """The endpoint took nothing of a batch. When another one has ended, it may have room; alone, wait a little."""
        self._resting += 1
        try:
            if self._resting < len(self._under_way):
                await self._an_end.wait()
            else:
                await asyncio.sleep(self._settings.batch_poll_s)
        finally:
            self._resting -= 1

    def _done(self, call_id: str, pending: str | None) -> None:
        self._due.pop(call_id, None)
        end = self._ends.get(call_id)  # a batch that is taken up may hold calls of another plan
        if end and not end.done():
            end.set_result(pending)

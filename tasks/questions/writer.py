"""Has a teacher write the questions of an order: what it has not been asked before is asked, and lands."""

import math
from collections.abc import Mapping
from contextlib import closing

from schemas.question import Question
from schemas.run import Ledger
from tasks.questions.alike import Alike
from tasks.questions.asking import WritingSpec
from tasks.questions.written import Existing, Writing
from tasks.replay.engine import AnswerRequests, Engine
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import Progress, replay
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

_EXISTING = "SELECT text, external_id FROM questions ORDER BY question_id"


class QuestionWriter:
    """One order. `before` shows the warehouse as it was found, without what this order has not landed yet."""

    def __init__(self, order: WritingSpec, warehouse: Warehouse, before: Snapshot) -> None:
        self.order = order
        self._warehouse, self._before = warehouse, before
        self._existing = _existing(before, order.settings.alike)
        self._begin()
        with closing(Journal(warehouse.journal_path)) as journal:
            replay({order.order_id: self.progress}, *Lookup(before, journal).finds)
        requests = list(self.progress.requests)
        self.is_open = len(before.present("calls", requests)) < len(requests)
        """Something is to be asked, or to be landed that was answered before."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """Empty while something is due."""
        return tuple(self.progress.result or ())

    @property
    def cost_usd(self) -> float | None:
        """Of all its calls, over all runs; None when one of them has no known cost."""
        costs = [call.cost_usd for call in self.progress.calls]
        return None if None in costs else math.fsum(cost or 0.0 for cost in costs)

    def ledger(self) -> Ledger:
        """Return every request sent for it, over all runs."""
        with closing(Journal(self._warehouse.journal_path)) as journal:
            return journal.ledger(list(self.progress.requests))

    def write(self, ask: AnswerRequests, run_id: str) -> Mapping[str, str]:
        """Ask until nothing is due, and land the answers round by round; why each call that is left has none."""
        self._begin()
        with closing(Journal(self._warehouse.journal_path)) as journal:
            engine = Engine(
                Lookup(self._before, journal),
                journal,
                lambda table, rows, unit: self._warehouse.land(table, rows, run_id, unit),
            )
            with closing(engine):
                engine.run({self.order.order_id: self.progress}, f"{self.order.order_id}/questions", ask)
        return engine.pending

    def _begin(self) -> None:
        self.writing = Writing(self.order, self._existing)
        self.progress = Progress(self.writing.steps())


def _existing(before: Snapshot, threshold: float) -> Existing:
    _, rows = before.ask(_EXISTING)
    written = frozenset(external_id for _, external_id in rows if external_id)
    return Existing(Alike((text for text, _ in rows), threshold), written)

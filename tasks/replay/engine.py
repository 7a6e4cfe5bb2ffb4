"""The engine that replays procedures: what no run before has learnt it has asked, verified and scored, and lands it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import TypeVar

from schemas.call import Call, CallEnd, Outcome, Request
from schemas.record import Record
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import Fact, Need, Procedure, Progress, ScoreText, Verify, replay, requests_of
from tasks.scoring.score import ScoredText
from warehouse.journal import Journal

K = TypeVar("K")
T = TypeVar("T")
Land = Callable[[str, Sequence[Record], str], object]
"""Lands rows of a table that belong to a unit of work."""
AnswerRequests = Callable[[list[Request]], list[Outcome]]


class Engine:
    """Safe to call from several threads. A call that several units of work need lands with the first to come, and stays
    in the journal for the others.
    """

    def __init__(self, lookup: Lookup, journal: Journal, land: Land) -> None:
        self._lookup, self._journal, self._land = lookup, journal, land
        self._claimed: set[str] = set()
        self._kept: set[str] = set()
        """Calls that have landed, and that the journal still holds."""
        self._claiming = Lock()
        self.pending: dict[str, str] = {}
        """call_id to why it has no end yet. Such a call is not asked for again."""
        self.ended: Counter[str | None] = Counter()
        """How calls ended that have landed here: by the error of each that was refused, the others by None."""

    def run(
        self,
        procedures: Mapping[K, Procedure[T] | Progress[T]],
        unit: str,
        ask: AnswerRequests,
        verify: Callable[[list[Verify]], list[Verdict]] = lambda needs: [],
        score: Callable[[list[ScoredText]], list[Score]] = lambda subjects: [],
        facts: dict[str, Fact] | None = None,
        one_commit: bool = False,
    ) -> dict[K, Progress[T]]:
        """Take the procedures to their ends, but for calls that are pending, and land what is new round by round; calls
        with `one_commit` in the end. `facts`: what is known beforehand, to which what is learnt is added.
        """
        new: list[Call] = []

        def take(calls: Iterable[Call]) -> None:
            new.extend(calls)
            if not one_commit:
                self._land_calls(new, unit)
                new.clear()

        def recall(due: Mapping[str, Need]) -> dict[str, Call]:
            found = self._lookup.unlanded(due)
            take(found.values())
            return found

        def learn(due: Mapping[str, Need]) -> dict[str, Fact]:
            calls = self._ask(requests_of(due), ask)
            take(calls)
            subjects = [need.subject for need in due.values() if isinstance(need, ScoreText)]
            scores = score(subjects) if subjects else []
            self._land("scores", scores, unit)
            texts = [need for need in due.values() if isinstance(need, Verify)]
            verdicts = verify(texts) if texts else []
            self._land("verdicts", verdicts, unit)
            found: dict[str, Fact] = {call.call_id: call for call in calls}
            return found | {s.score_id: s for s in scores} | {v.verdict_id: v for v in verdicts}

        progress = replay(procedures, self._lookup.landed, recall, learn, facts=facts)
        self._land_calls(new, unit)
        return progress

    def forget(self, needs: Iterable[str]) -> None:
        """Forget those calls among `needs` that have landed, and let the journal do so: nothing else waits for them."""
        with self._claiming:
            landed = self._claimed.intersection(needs)
            self._claimed -= landed
            gone = self._kept & landed
            self._kept -= gone
        if gone:
            self._journal.forget(sorted(gone))

    def close(self) -> None:
        """Let the journal forget all that has landed."""
        self.forget(list(self._kept))

    def _ask(self, due: Mapping[str, Request], ask: AnswerRequests) -> list[Call]:
        requests = [request for call_id, request in due.items() if call_id not in self.pending]
        outcomes = ask(requests) if requests else []
        self.pending |= {o.call_id: o.pending or "no reason given" for o in outcomes if o.call is None}
        return [outcome.call for outcome in outcomes if outcome.call]

    def _land_calls(self, calls: Iterable[Call], unit: str) -> None:
        with self._claiming:
            mine = [call for call in calls if call.call_id not in self._claimed]
            self._claimed |= {call.call_id for call in mine}
        self._land("calls", mine, unit)
        with self._claiming:
            self._kept |= {call.call_id for call in mine if call.tries}
            self.ended.update(call.error if call.ended is CallEnd.REFUSED else None for call in mine)

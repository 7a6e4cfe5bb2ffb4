"""Procedures: generators that yield what they need next and return what they came to. Pure.

    Need: a request to ask, a text to verify, a text to score ──► its Call, its Verdict, its Score

What a procedure needs follows from what it was sent alone. So it can be run again from its beginning: a run that was
cut short finds what was answered before, by key, and goes on where it stopped.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from schemas.call import Call, Message, Request
from schemas.question import Question
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.scoring.score import ScoredText

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class AskModel:
    """A request to a model, for its `Call`."""

    request: Request
    call_id: str | None = None
    """Where it is known beforehand, or is another than the request's: that of a recorded completion."""

    @cached_property
    def key(self) -> str:
        return self.call_id or self.request.call_id

    def with_messages(self, *messages: Message) -> "AskModel":
        """Return another conversation of the same model, with all else as in this request."""
        return AskModel(self.request.model_copy(update={"messages": messages}))


@dataclass(frozen=True)
class Verify:
    """A text to be held against a question, for its `Verdict`."""

    key: str
    """The verdict_id."""
    subject_id: str
    text: str
    question: Question


@dataclass(frozen=True)
class ScoreText:
    """A text that a student is to score, for its `Score`."""

    key: str
    """The score_id."""
    subject: ScoredText


Need = AskModel | Verify | ScoreText
Fact = Call | Verdict | Score
Find = Callable[[Mapping[str, Need]], Mapping[str, Fact]]
"""Given what is due, returns as much of it as there is; both by key."""
Procedure = Generator[Need | Sequence[Need] | Mapping[str, Need], Any, T]
"""Yields one need and is sent its fact; or several, and is sent the list of theirs once all are known; or several by
key, and is sent those that are known as soon as there is one.
"""


class Progress(Generic[T]):
    """How far a procedure has come."""

    def __init__(self, procedure: Procedure[T]) -> None:
        self._procedure = procedure
        self.needs: dict[str, Need] = {}
        """All that it has come to, in order, known or not."""
        self.due: dict[str, Need] = {}
        """What it waits for."""
        self.facts: dict[str, Fact] = {}
        """What it has been given, in order."""
        self.is_over = False
        self.result: T | None = None
        """What it came to, once it is over."""
        self._send(None)
        self.advance({})

    @property
    def requests(self) -> dict[str, Request]:
        """Every request that it has come to, answered or not."""
        return requests_of(self.needs)

    @property
    def calls(self) -> list[Call]:
        """The answers that it has been given, in order."""
        return [fact for fact in self.facts.values() if isinstance(fact, Call)]

    def advance(self, facts: Mapping[str, Fact]) -> None:
        """Go on as far as `facts` allow."""
        while not self.is_over:
            self.facts |= {key: facts[key] for key in self.due if key in facts}
            self.due = {key: need for key, need in self.due.items() if key not in self.facts}
            known = self._known()
            if self.due and not (known and isinstance(self._wanted, Mapping)):
                return
            self._send(known)

    def _known(self) -> Any:
        """What is known of all that is wanted, in its form; None of a single need that is not."""
        if isinstance(self._wanted, Mapping):
            return {key: self.facts[key] for key in self._wanted if key in self.facts}
        if isinstance(self._wanted, Sequence):
            return [self.facts.get(need.key) for need in self._wanted]
        return self.facts.get(self._wanted.key)

    def _send(self, facts: Any) -> None:
        try:
            self._wanted = self._procedure.send(facts)
        except StopIteration as done:
            self.is_over, self.result, self.due = True, done.value, {}
            return
        several = self._wanted.values() if isinstance(self._wanted, Mapping) else self._wanted
        needs = several if isinstance(several, Iterable) else [several]
        self.due = {need.key: need for need in needs}
        self.needs |= self.due


class Group:
    """Procedures that go on side by side inside another one."""

    def __init__(self) -> None:
        self._under_way: list[Progress[Any]] = []

    @property
    def due(self) -> dict[str, Need]:
        return due_of(self._under_way)

    def start(self, procedure: Procedure[T]) -> Progress[T]:
        progress = Progress(procedure)
        self._under_way.append(progress)
        return progress

    def step(self) -> Procedure[None]:
        """Wait until something is known that is due, and let those go on that wait for it."""
        known = yield self.due
        for progress in self._under_way:
            progress.advance(known)
        self._under_way = [progress for progress in self._under_way if not progress.is_over]


def replay(
    procedures: Mapping[K, Procedure[T] | Progress[T]], *finds: Find, facts: dict[str, Fact] | None = None
) -> dict[K, Progress[T]]:
    """Run each procedure, from its beginning or from where it stands, as far as `facts` and what is found take it.

    Each of `finds` is told of everything that is due, once; a later one only when those before it find nothing more.
    What they find is added to `facts`.
    """
    known = {} if facts is None else facts
    progress = {key: each if isinstance(each, Progress) else Progress(each) for key, each in procedures.items()}
    sought: list[set[str]] = [set() for _ in finds]
    while True:
        for each in progress.values():
            each.advance(known)
        due = due_of(progress.values())
        for find, seen in zip(finds, sought, strict=True):
            if new := {key: need for key, need in due.items() if key not in seen}:
                seen.update(new)
                known.update(find(new))
                break
        else:
            return progress


def due_of(progress: Iterable[Progress[Any]]) -> dict[str, Need]:
    """Return what is due of any of them."""
    return {key: need for each in progress for key, need in each.due.items()}


def requests_of(needs: Mapping[str, Need]) -> dict[str, Request]:
    """Return the requests among them."""
    return {key: need.request for key, need in needs.items() if isinstance(need, AskModel)}

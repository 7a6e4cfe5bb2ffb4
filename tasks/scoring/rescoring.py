"""Another student, or another template, over what has landed: which subjects lack a score, and how they get it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from schemas.pair import Pair
from schemas.question import Question
from schemas.record import content_key
from schemas.score import Score, StudentIdentity
from schemas.trace import Trace
from schemas.until import Until
from tasks.scoring.score import ScoredText, subject_of
from tasks.scoring.student_identity import score_id
from tasks.shards import ShardPipeline, Tick
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


class Students(Protocol):
    """Where the work is done: actors in a run, a plain student in a test."""

    def score_texts(
        self, subjects: list[ScoredText], tick: Tick, take: Callable[[Sequence[Score]], None]
    ) -> list[Score]:
        """Hand scores on as they come, and returns them all."""


@dataclass(frozen=True)
class Due:
    """What of the warehouse a student has not scored."""

    traces: tuple[tuple[str, ...], ...]
    """trace_ids in shards; the traces of a question stay together, because they share its prompt."""
    pairs: tuple[tuple[str, ...], ...]
    n_landed: int
    """Traces and pairs that there are, scored or not."""

    @property
    def shards(self) -> dict[str, tuple[str, ...]]:
        """shard_id to the subjects' ids."""
        return {content_key("rescored", list(ids)): ids for ids in (*self.traces, *self.pairs)}

    @property
    def n_subjects(self) -> int:
        return sum(map(len, self.shards.values()))


def find_due(before: Snapshot, student: StudentIdentity, shard_size: int) -> Due:
    """Return every trace of the newest grammar and every pair that the student has not scored, in a fixed order."""
    traces = _subjects(before, "SELECT trace_id, question_id FROM newest_traces ORDER BY question_id, trace_id")
    pairs = _subjects(before, "SELECT DISTINCT pair_id, instruction FROM pairs ORDER BY instruction, pair_id")
    keys = {subject_id: score_id(subject_id, student) for subject_id, _ in (*traces, *pairs)}
    scored = before.present("scores", list(keys.values()))
    left = [[(id, group) for id, group in found if keys[id] not in scored] for found in (traces, pairs)]
    return Due(tuple(_packed(left[0], shard_size)), tuple(_packed(left[1], shard_size)), len(keys))


def _subjects(before: Snapshot, query: str) -> list[tuple[str, str]]:
    return [(str(subject_id), str(group)) for subject_id, group in before.ask(query)[1]]


def _packed(found: Sequence[tuple[str, str]], size: int) -> Iterator[tuple[str, ...]]:
    """Whole groups, in order, until a shard holds at least `size` subjects."""
    shard: list[str] = []
    for index, (subject_id, group) in enumerate(found):
        if len(shard) >= size and found[index - 1][1] != group:
            yield tuple(shard)
            shard = []
        shard.append(subject_id)
    if shard:
        yield tuple(shard)


class RescorePipeline(ShardPipeline):
    def __init__(
        self,
        due: Due,
        student: StudentIdentity,
        warehouse: Warehouse,
        before: Snapshot,
        students: Students,
        run_id: str,
        halted: Event,
        report: Callable[[Until, int], None] = lambda stage, rows: None,
    ) -> None:
        super().__init__(warehouse, run_id, halted)
        self._shards = due.shards
        self._student = student
        self._before, self._students, self._report = before, students, report

    def stages(self) -> list[tuple[str, Callable[[str], int]]]:
        """Return the only stage, `score`."""
        return [(Until.SCORE.value, self.score)]

    def score(self, shard_id: str) -> int:
        """Score a shard; returns the scores landed."""
        with self._stage():
            subjects = self._read(self._shards[shard_id])
            with self._landing("scores", f"rescored/{shard_id}/{self._key()}") as take:
                return len(self._students.score_texts(subjects, lambda rows: self._report(Until.SCORE, rows), take))

    def _key(self) -> str:
        return content_key("student", self._student.model_dump(mode="json"))

    def _read(self, ids: Sequence[str]) -> list[ScoredText]:
        """The subjects in the order of `ids`, which keeps those together that share a prompt."""
        traces = self._before.rows(Trace, "trace_id", ids)
        asked = self._before.rows(Question, "question_id", sorted({trace.question_id for trace in traces}))
        questions = {question.question_id: question for question in asked}
        found = {trace.trace_id: subject_of(trace, questions[trace.question_id], self._student) for trace in traces}
        for pair in self._before.rows(Pair, "pair_id", ids):
            found[pair.pair_id] = ScoredText(pair.pair_id, pair.instruction, pair.input, pair.response)
        return [found[subject_id] for subject_id in ids]

"""What has been answered, scored and verified before: found in the warehouse, or in the journal, and looked up once."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from schemas.call import Call
from schemas.pair import Original
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.recycling.asking import Order
from tasks.recycling.course import Course, Facts, follow
from tasks.recycling.verification import pair_verdict_id
from tasks.scoring.student_identity import score_id
from warehouse.journal import Journal
from warehouse.reading import Snapshot


class Memory:
    """Of some rows. `before` shows the warehouse as it was found."""

    def __init__(self, order: Order, before: Snapshot, journal_path: Path) -> None:
        self._order, self._before, self._journal_path = order, before, journal_path
        self._calls: dict[str, Call] = {}
        self._scores: dict[str, Score] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._looked_up: set[str] = set()
        self.journaled: dict[str, Call] = {}
        """Answers that have not landed."""

    def courses(self, rows: Sequence[Original], instruction_only: bool = False) -> list[Course]:
        """How far the rows are with all that is known."""
        facts = Facts(self._calls, self._scores, self._verdicts)
        while True:
            courses = [follow(row, self._order, facts, instruction_only) for row in rows]
            if not self._recall(courses):
                return courses

    def learn(self, calls: Sequence[Call], scores: Sequence[Score], verdicts: Sequence[Verdict]) -> None:
        self._calls |= {call.call_id: call for call in calls}
        self._scores |= {score.score_id: score for score in scores}
        self._verdicts |= {verdict.verdict_id: verdict for verdict in verdicts}

    def _recall(self, courses: Sequence[Course]) -> bool:
        """Whether something that is due was known all along."""
        calls = self._new(call_id for course in courses for call_id in course.due_calls)
        scores = self._new(score_id(v.pair_id, self._order.student) for course in courses for v in course.due_scores)
        verdicts = self._new(pair_verdict_id(job[0], job[2]) for course in courses for job in course.due_verdicts)
        landed = self._before.rows(Call, "call_id", calls)
        found = {call.call_id for call in landed}
        missing = [call_id for call_id in calls if call_id not in found]
        journaled: dict[str, Call] = {}
        if missing:
            with closing(Journal(self._journal_path)) as journal:
                journaled = journal.answers(missing)
        self.journaled |= journaled
        known = [*landed, *journaled.values()]
        scored = self._before.rows(Score, "score_id", scores)
        verified = self._before.rows(Verdict, "verdict_id", verdicts)
        self.learn(known, scored, verified)
        return bool(known or scored or verified)

    def _new(self, keys: Iterable[str]) -> list[str]:
        new = [key for key in dict.fromkeys(keys) if key not in self._looked_up]
        self._looked_up.update(new)
        return new

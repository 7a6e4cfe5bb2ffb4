"""How far a row has come, as a function of the answers, scores and verdicts so far: what is made, what is due next.

A row's first call reflects on its instruction; the second on the response of whichever pair the student then prefers.
So what is asked follows from the order and from the row alone, and a run that was interrupted asks what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schemas.call import Call, Request
from schemas.pair import Change, Original, Pair, PairFate, PairStage
from schemas.question import Question
from schemas.recycling import Check, Mode
from schemas.score import Score
from schemas.verdict import Ruling, Verdict
from tasks.recycling.asking import Order, checking_requests, reflecting_request, whole
from tasks.recycling.reply import read_reply
from tasks.recycling.selection import Seen, conclude, on_instruction, on_response
from tasks.recycling.verification import Job, pair_verdict_id, with_check, with_gold
from tasks.scoring.student_identity import score_id


@dataclass(frozen=True)
class Facts:
    """What is known, by its key."""

    calls: Mapping[str, Call]
    scores: Mapping[str, Score]
    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True)
class Version:
    """An original, or what a teacher made of it."""

    pair_id: str
    parent_id: str | None
    stage: PairStage
    instruction: str
    input: str
    response: str
    critique: str | None = None
    call_id: str | None = None

    @property
    def asked(self) -> str:
        return whole(self.instruction, self.input)


@dataclass
class Course:
    original: Original
    versions: list[Version] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    """Every call that it has come to, answered or not."""
    due_calls: list[str] = field(default_factory=list)
    due_scores: list[Version] = field(default_factory=list)
    due_verdicts: list[Job] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """What came of reflecting on the instruction, then on the response."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """What is known of each version, by pair_id."""
    verdict_ids: dict[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Nothing is due, and both stages have ended."""
        due = self.due_calls or self.due_scores or self.due_verdicts
        return self.original.bad is not None or (not due and len(self.changes) == 2)

    @property
    def in_force(self) -> Version:
        """The version that the changes so far leave."""
        accepted = [at for at, change in enumerate(self.changes) if change is Change.ACCEPTED]
        stages = _stages(self.changes)
        stage = stages[accepted[-1]] if accepted else PairStage.ORIGINAL
        return next(version for version in self.versions if version.stage is stage)


def follow(original: Original, order: Order, facts: Facts, instruction_only: bool = False) -> Course:
    """The course of a row, as far as `facts` take it, or to the end of its first stage."""
    course = Course(original)
    if original.bad is None:
        _Follower(order, facts, course).follow(1 if instruction_only else 2)
    return course


class _Follower:
    def __init__(self, order: Order, facts: Facts, course: Course) -> None:
        self._order, self._facts, self._course = order, facts, course

    def follow(self, stages: int) -> None:
        row = self._course.original
        first = Version(row.original_id, None, PairStage.ORIGINAL, row.instruction, row.input, row.response)
        self._course.versions.append(first)
        self._see(first)
        while len(self._course.changes) < stages:
            change = self._stage(self._course.in_force)
            if change is None:
                return
            self._course.changes.append(change)

    def _stage(self, earlier: Version) -> Change | None:
        """What becomes of the reflection on `earlier`; None while something of it is due."""
        stage = _stages(self._course.changes)[len(self._course.changes)]
        request = reflecting_request(self._order, stage, earlier.instruction, earlier.input, earlier.response)
        call = self._ask(request)
        if call is None:
            return None
        reading = read_reply(call, stage)
        if reading.change is not Change.ACCEPTED:
            return reading.change
        of_instruction = stage is PairStage.INSTRUCTION
        instruction = (reading.instruction or "") if of_instruction else earlier.instruction
        input, response = ("" if of_instruction else earlier.input), reading.response or ""
        if (instruction, response) == (earlier.instruction, earlier.response):
            return Change.UNCHANGED
        key = Pair.key(stage, earlier.pair_id, instruction, input, response)
        later = Version(key, earlier.pair_id, stage, instruction, input, response, reading.critique, call.call_id)
        self._course.versions.append(later)
        return self._compare(earlier, later)

    def _compare(self, earlier: Version, later: Version) -> Change | None:
        rule = on_instruction if later.stage is PairStage.INSTRUCTION else on_response
        mode = self._order.mode
        before, after = self._course.seen.get(earlier.pair_id), self._see(later)
        if mode is Mode.RECYCLE:
            return rule(mode, Seen(), Seen())
        if before is None or after is None:
            return None
        change = rule(mode, before, after)
        if change is not Change.ACCEPTED or not self._is_to_be_checked(later):
            return change
        checked = self._check(later, after)
        return None if checked is None else rule(mode, before, checked)

    def _see(self, version: Version) -> Seen | None:
        """Its score and its verdict, where there is something to hold it against; None while one of them is due."""
        score = self._facts.scores.get(score_id(version.pair_id, self._order.student))
        if score is None:
            self._course.due_scores.append(version)
        gold = self._gold(version)
        ruling = Ruling.UNVERIFIED if gold is None else self._verdict(version, with_gold(version.asked, gold))
        if score is None or ruling is None:
            return None
        seen = self._course.seen[version.pair_id] = Seen(score.ifd, score.rifd, ruling)
        return seen

    def _gold(self, version: Version) -> str | None:
        """The row's own, which belongs to its own instruction."""
        return self._course.original.gold if version.stage in (PairStage.ORIGINAL, PairStage.RESPONSE) else None

    def _is_to_be_checked(self, version: Version) -> bool:
        verified = self._order.mode is Mode.SELECTIVE_VERIFIED
        return verified and self._order.check.by is not Check.NONE and self._gold(version) is None

    def _check(self, version: Version, seen: Seen) -> Seen | None:
        requests = checking_requests(self._order, version.instruction, version.input, version.response)
        replies = [call for request in requests if (call := self._ask(request))]
        if len(replies) < len(requests):
            return None
        ruling = self._verdict(version, with_check(version.asked, self._order.check, replies))
        if ruling is None:
            return None
        checked = self._course.seen[version.pair_id] = replace(seen, ruling=ruling)
        return checked

    def _verdict(self, version: Version, question: Question) -> Ruling | None:
        key = pair_verdict_id(version.pair_id, question)
        self._course.verdict_ids[version.pair_id] = key
        if found := self._facts.verdicts.get(key):
            return found.verdict
        self._course.due_verdicts.append((version.pair_id, version.response, question))
        return None

    def _ask(self, request: Request) -> Call | None:
        call_id = request.call_id
        self._course.requests[call_id] = request
        if call_id not in self._facts.calls:
            self._course.due_calls.append(call_id)
        return self._facts.calls.get(call_id)


def _stages(changes: list[Change]) -> tuple[PairStage, PairStage]:
    """The stage of the pair that each reflection makes: the second follows from what came of the first."""
    taken = bool(changes) and changes[0] is Change.ACCEPTED
    return PairStage.INSTRUCTION, PairStage.BOTH if taken else PairStage.RESPONSE


def concluded(course: Course, mode: Mode) -> tuple[PairFate, str]:
    """The fate of a row that is over, by its own rule, and the reason."""
    if course.original.bad:
        return PairFate.FAILED, course.original.bad.value
    return conclude(mode, course.changes[1], course.seen[course.in_force.pair_id])

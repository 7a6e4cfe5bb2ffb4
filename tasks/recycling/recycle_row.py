"""How a row is recycled: what is asked, scored and verified of it, and what comes of that. Pure.

A row's first call reflects on its instruction; the second on the response of whichever pair the student then prefers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from schemas.call import Call
from schemas.pair import Change, Original, Pair, PairFate, PairStage
from schemas.question import Question
from schemas.recycling import Check, Mode
from schemas.score import Score
from schemas.verdict import Ruling, Verdict
from tasks.recycling.asking import RecycleSpec, checking_requests, reflecting_request, whole
from tasks.recycling.reply import read_reply
from tasks.recycling.selection import Seen, conclude, on_instruction, on_response
from tasks.recycling.verification import pair_verdict_id, with_check, with_gold
from tasks.replay.procedure import AskModel, Need, Procedure, ScoreText, Verify
from tasks.scoring.score import ScoredText
from tasks.scoring.student_identity import score_id


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
class Recycled:
    """A row, with what was made of it so far."""

    original: Original
    versions: list[Version] = field(default_factory=list)
    call_ids: dict[str, None] = field(default_factory=dict)
    """Every call that was asked, in order."""
    changes: list[Change] = field(default_factory=list)
    """What came of reflecting on the instruction, then on the response."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """What is known of each version, by pair_id."""
    verdict_ids: dict[str, str] = field(default_factory=dict)

    @property
    def in_force(self) -> Version:
        """The version that the changes so far leave."""
        accepted = [at for at, change in enumerate(self.changes) if change is Change.ACCEPTED]
        stages = _stages(self.changes)
        stage = stages[accepted[-1]] if accepted else PairStage.ORIGINAL
        return next(version for version in self.versions if version.stage is stage)


def recycle_row(original: Original, order: RecycleSpec, stages: int = 2) -> Procedure[Recycled]:
    """Reflect on the instruction, then on the response; in one stage on the instruction alone."""
    row = Recycled(original)
    if original.bad is None:
        texts = original.instruction, original.input, original.response
        row.versions.append(Version(original.original_id, None, PairStage.ORIGINAL, *texts))
        steps = _Steps(row, order)
        for _ in range(stages):
            row.changes.append((yield from steps.reflect(row.in_force)))
    return row


class _Steps:
    def __init__(self, row: Recycled, order: RecycleSpec) -> None:
        self._row, self._order = row, order

    def reflect(self, earlier: Version) -> Procedure[Change]:
        """What becomes of the reflection on `earlier`. What is known of that is looked at meanwhile."""
        stage = _stages(self._row.changes)[len(self._row.changes)]
        request = reflecting_request(self._order, stage, earlier.instruction, earlier.input, earlier.response)
        (asked,) = self._asked([AskModel(request)])
        seen = earlier.pair_id in self._row.seen
        call, *found = yield [asked, *([] if seen else self._needs(earlier))]
        if not seen:
            self._see(earlier, *found)
        reading = read_reply(call, stage)
        if reading.change is not Change.ACCEPTED:
            return reading.change
        of_instruction = stage is PairStage.INSTRUCTION
        instruction = (reading.instruction or "") if of_instruction else earlier.instruction
        input, response = ("" if of_instruction else earlier.input), reading.response or ""
        key = Pair.key(stage, earlier.pair_id, instruction, input, response)
        later = Version(key, earlier.pair_id, stage, instruction, input, response, reading.critique, asked.key)
        if (later.instruction, later.response) == (earlier.instruction, earlier.response):
            return Change.UNCHANGED
        self._row.versions.append(later)
        return (yield from self._compare(earlier, later))

    def _compare(self, earlier: Version, later: Version) -> Procedure[Change]:
        rule = on_instruction if later.stage is PairStage.INSTRUCTION else on_response
        mode, before = self._order.mode, self._row.seen[earlier.pair_id]
        change = rule(mode, before, self._see(later, *(yield self._needs(later))))
        if change is not Change.ACCEPTED or not self._is_to_be_checked(later):
            return change
        yield from self._check(later)
        return rule(mode, before, self._row.seen[later.pair_id])

    def _needs(self, version: Version) -> list[Need]:
        """Its score, and its verdict where there is something to hold it against."""
        subject = ScoredText(version.pair_id, version.instruction, version.input, version.response)
        score = ScoreText(score_id(version.pair_id, self._order.student), subject)
        gold = self._gold(version)
        return [score] if gold is None else [score, self._verify(version, with_gold(version.asked, gold))]

    def _see(self, version: Version, score: Score, verdict: Verdict | None = None) -> Seen:
        seen = Seen(score.ifd, score.rifd, verdict.verdict if verdict else Ruling.UNVERIFIED)
        self._row.seen[version.pair_id] = seen
        return seen

    def _gold(self, version: Version) -> str | None:
        """The row's own, which belongs to its own instruction."""
        return self._row.original.gold if version.stage in (PairStage.ORIGINAL, PairStage.RESPONSE) else None

    def _is_to_be_checked(self, version: Version) -> bool:
        checks = self._order.mode is Mode.SELECTIVE_VERIFIED or self._order.check.in_every_mode
        return checks and self._order.check.by is not Check.NONE and self._gold(version) is None

    def _check(self, version: Version) -> Procedure[None]:
        requests = checking_requests(self._order, version.instruction, version.input, version.response)
        replies: list[Call] = yield self._asked([AskModel(request) for request in requests])
        verdict: Verdict = yield self._verify(version, with_check(version.asked, self._order.check, replies))
        self._row.seen[version.pair_id] = replace(self._row.seen[version.pair_id], ruling=verdict.verdict)

    def _verify(self, version: Version, question: Question) -> Verify:
        key = self._row.verdict_ids[version.pair_id] = pair_verdict_id(version.pair_id, question)
        return Verify(key, version.pair_id, version.response, question)

    def _asked(self, asks: Sequence[AskModel]) -> Sequence[AskModel]:
        self._row.call_ids |= dict.fromkeys(ask.key for ask in asks)
        return asks


def _stages(changes: list[Change]) -> tuple[PairStage, PairStage]:
    """The stage of the pair that each reflection makes: the second follows from what came of the first."""
    taken = bool(changes) and changes[0] is Change.ACCEPTED
    return PairStage.INSTRUCTION, PairStage.BOTH if taken else PairStage.RESPONSE


def concluded(row: Recycled, mode: Mode) -> tuple[PairFate, str]:
    """Return the fate of a row that is over, by its own rule, and the reason."""
    if row.original.bad:
        return PairFate.FAILED, row.original.bad.value
    return conclude(mode, row.changes[1], row.seen[row.in_force.pair_id])

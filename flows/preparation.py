"""From a configuration to a plan and the work that is left: everything that comes before the first actor."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import compress, islice
from pathlib import Path
from threading import Event
from typing import ClassVar, TypeVar

import numpy as np
import pyarrow as pa

from flows.accounts import Accounts, read_accounts
from flows.prepared import DueCalls, Report, Shown
from flows.teacher_address import drafting_of, teacher_identity
from flows.unfinished import crashed
from flows.writing import Say, order_of, write_questions
from schemas.call import Request
from schemas.configuration import RunConfiguration
from schemas.record import Record
from schemas.ruling import GoldRuling
from schemas.score import StudentIdentity
from schemas.teacher import DrafterSettings
from schemas.until import Until
from schemas.verdict import Reason, Verdict, VerdictSubject
from tasks.asking.budget import Account
from tasks.judging.llm_judge import LLMJudge
from tasks.judging.verify import Verifier
from tasks.questions import Loaded, load, made, source_of
from tasks.questions.contradictions import contradicted_golds
from tasks.questions.drawn import DrawnOnce, drawn_once
from tasks.questions.estimate import format_written
from tasks.questions.rulings import Obeyed, following, made_by, obey, on_made, read_rulings
from tasks.questions.seed_file import SeedFile, in_file
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import due_of, replay, requests_of
from tasks.scoring.student_identity import student_identity
from tasks.synthesis.budget import open_budget
from tasks.synthesis.pipeline import SynthesizePipeline, Workers
from tasks.synthesis.plan import Plan, make_plan
from tasks.synthesis.worklist import ShardWork, find_work
from warehouse.arrow_schema import to_columns
from warehouse.disk import private_files
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.packed_keys import PackedKeys
from warehouse.reading import Snapshot

T = TypeVar("T")
_AT_ONCE = 5_000
"""Rows in memory where a whole plan is gone through."""
_FAILED_BEFORE = """
    SELECT verdict_id
    FROM (FROM verdicts WHERE subject = $gold AND reason <> $contradicted)
    SEMI JOIN wanted_keys ON subject_id = wanted
    ORDER BY subject_id
"""


@dataclass(frozen=True)
class Preparation:
    """A plan, what is left of it, and the warehouse as it was found."""

    configuration: RunConfiguration
    until: Until
    """The last stage: what comes after it needs no actors."""
    fresh: str
    warehouse: Warehouse
    before: Snapshot
    plan: Plan
    work: list[ShardWork]
    student: StudentIdentity | None
    loaded: Loaded
    obeyed: Obeyed | None
    """The rulings of persons; `loaded` is what they left. None where there is no file of them."""
    set_aside: list[Verdict]
    """The golds that do not stand their own test, or contradict each other; their questions are not in the plan."""
    writing: str | None
    """What became of the questions that the teacher was to write, for a person; None from another source."""

    drawn: DrawnOnce | None = None
    """Where the questions come out of a generator: as they came, before any rulings."""

    flow: ClassVar = "synthesize"
    shown: ClassVar = Shown(
        "yield", "yield", "funnel", {"Yield": "yield", "Verdicts by reason": "verdicts"}, "plan_traces"
    )

    @property
    def subject(self) -> str:
        """What is done by which model, for the names of tasks."""
        return self.configuration.subject

    @property
    def plan_id(self) -> str:
        return self.plan.plan_id

    @property
    def command(self) -> str:
        """What it has in common with the runs that continue it: their books are the same."""
        return self.plan.plan_id

    @property
    def scored_by(self) -> StudentIdentity | None:
        return self.student

    @property
    def shard_ids(self) -> list[str]:
        return [shard_work.shard_id for shard_work in self.work]

    @property
    def totals(self) -> dict[Until, int]:
        return {stage: sum(shard.count(stage) for shard in self.work) for stage in Until}

    @property
    def summary(self) -> str:
        return f"{len(self.plan)} attempts, {len(self.work)} shards with work"

    @property
    def golds(self) -> dict[str, str]:
        """By the text of its question, for the practice teacher, which replays them."""
        return {seed.question.text: seed.question.gold for seed in self.plan.seeds if seed.question.gold}

    @property
    def tagged_calls(self) -> Container[str]:
        """The call_ids of those calls whose answers are to have the tags of a trace."""
        return self.plan.asked if self.plan.strategy.asks_for_tags else ()

    @property
    def are_unlanded(self) -> np.ndarray:
        """Of each attempt, whether it is still to land: all of them where another plan has done the same work."""
        return ~self.before.has("attempts", self.plan.attempt_ids, where=f"plan_id = '{self.plan_id}'")

    @property
    def is_done(self) -> bool:
        """Whether a run would find nothing to do and nothing to say."""
        left = self.work or self.are_unlanded.any() or crashed(self.warehouse, self.command)
        return not (left or self._unlanded_facts())

    def only_asks(self, due: DueCalls) -> bool:
        """Return whether nothing is left but what waits for calls that have to be sent."""
        asks = len(due) == len(self.calls_missing()) and not self.are_unlanded.any()
        return asks and not any(shard.lacks_without_asking for shard in self.work)

    @property
    def verifies(self) -> bool:
        return self.until is not Until.GENERATE or self.drafter is not None

    @property
    def drafter(self) -> DrafterSettings | None:
        """Who writes drafts where the teacher does not; None where no attempt is left to be made."""
        return self.plan.drafting.settings if self.plan.drafting and self.totals[Until.GENERATE] else None

    @property
    def wants_teacher(self) -> bool:
        return any(True for _ in self._next(None))

    def open_budget(self) -> Account | None:
        return open_budget(self.configuration, self.plan, self.warehouse)

    @contextmanager
    def again(self) -> Iterator["Preparation"]:
        """Yield the same plan, and what is left of it now."""
        with Snapshot(self.warehouse) as before:
            work = find_work(before, self.plan, self.student, self.until, self.configuration.run.open_at_once)
            yield replace(self, before=before, work=work)

    def accounts(self, now: Snapshot) -> Accounts:
        return read_accounts(now, self.warehouse, self.plan)

    def land_plan(self, run_id: str) -> None:
        land_plan(self, run_id)

    def pipeline(self, workers: Workers, run_id: str, halted: Event, report: Report) -> SynthesizePipeline:
        return SynthesizePipeline(
            self.plan, self.work, self.warehouse, self.before, workers, run_id, halted, report, self.until
        )

    def calls_missing(self) -> DueCalls:
        """Return calls that the teacher has to give next: without a terminal row. Some may be in the journal."""
        return DueCalls(lambda: self._next(None))

    def calls_due(self) -> DueCalls:
        """Return calls that have to be sent next: missing, and without an answer in the journal."""

        def due() -> Iterator[tuple[str, Request]]:
            if self.wants_teacher:
                with closing(Journal(self.warehouse.journal_path)) as journal:
                    yield from self._next(journal)

        return DueCalls(due)

    def _unlanded_facts(self) -> bool:
        """Whether the rows say something new of what is not in the plan, or a person of a question."""
        return bool(
            self.before.missing("verdicts", self.set_aside)
            or self.before.missing("rejected_rows", self.loaded.rejected)
            or self.new_rulings
        )

    @cached_property
    def new_rulings(self) -> list[GoldRuling]:
        """What persons say that no run has recorded, and what follows from it for questions that rulings made."""
        obeyed = self.obeyed.rulings if self.obeyed else ()
        if not obeyed and not self.before.holds("rulings"):
            return []
        found, newest = _rulings(self.before, "rulings"), _rulings(self.before, "newest_rulings")
        of_each = {ruling.question_id: ruling for ruling in newest}
        made = made_by((ruling.question_id for ruling in obeyed), found)
        here = {key for key in in_file(self.loaded.seeds).ids if key in of_each or key in made}
        return following([*obeyed, *on_made(obeyed, made, here, of_each)], of_each)

    @property
    def wants_judge(self) -> bool:
        """Whether the model that judges may be needed. What of it is in the ledger already is looked up later."""
        opened = (shard.opened() for shard in self.work if self.plan.judge and shard.count(Until.VERIFY))
        jobs = ((shard, job) for shard, found in opened for job in found if job.verify)
        return any(self.plan.asks_judge(shard.questions[job.attempt.question_id]) for shard, job in jobs)

    def _next(self, journal: Journal | None) -> Iterator[tuple[str, Request]]:
        """The calls that come next, shard by shard; several may want the same one."""
        for shard, jobs in (each.opened() for each in self.work if self.plan.asks and each.count(Until.GENERATE)):
            rollouts = shard.rollouts(job.attempt for job in jobs if job.generate)
            progress = replay(rollouts, *Lookup(self.before, journal, shard.recorded).finds)
            yield from requests_of(due_of(progress.values())).items()


@contextmanager
def prepared(
    configuration: RunConfiguration,
    folder: Path,
    until: Until,
    fresh: str = "",
    say: Say = lambda line: None,
    check: Callable[[RunConfiguration, Until, Path], object] = lambda *what: None,
    dry_run: bool = False,
) -> Iterator[Preparation]:
    """Resolve the plan and hold the warehouse as its only writer; a dry run holds nothing. Raises `Refused`.

    Nothing is landed yet, save the calls by which a teacher has just written the questions; `say` hears how that goes,
    and `check` comes before: what the rest of the run needs.
    """
    path = configuration.questions.rulings
    rulings = read_rulings(Path(path)) if path else None
    order = order_of(configuration, fresh)
    draw = None if order else source_of(configuration.questions).draw(configuration.run.seed)
    loaded = None if order or draw else load(configuration.questions, configuration.run.seed)
    student = student_identity(configuration.student) if until is Until.SCORE else None
    warehouse = Warehouse(folder)
    warehouse.create()
    held = nullcontext() if dry_run else warehouse.sole_writer()
    with private_files(), held, Snapshot(warehouse) as before:
        actors = partial(check, configuration, until, warehouse.journal_path)
        writer = write_questions(configuration, order, warehouse, before, say, actors) if order else None
        drawn = drawn_once(configuration.questions, configuration.run.seed, draw, before) if draw else None
        loaded = drawn.loaded if drawn else loaded or made(writer.questions if writer else ())
        obeyed = obey(loaded, rulings) if rulings is not None else None
        loaded = obeyed.loaded if obeyed else loaded
        seeds = in_file(loaded.seeds)
        loaded = replace(loaded, seeds=seeds)
        set_aside = _failing_golds(configuration, before, seeds)
        plan = make_plan(
            configuration,
            seeds.without({verdict.subject_id for verdict in set_aside}),
            teacher_identity(configuration.teacher),
            fresh,
            partial(_planned, before) if before.holds("attempts") else None,
            drafting_of(configuration) if configuration.asks else None,
        )
        plan = replace(plan, written=writer.progress.requests if writer else {}, judge=_judge(configuration, fresh))
        work = find_work(before, plan, student, until, configuration.run.open_at_once)
        line = format_written(writer) if writer else None
        yield Preparation(
            *(configuration, until, fresh, warehouse, before, plan, work, student, loaded, obeyed, set_aside, line),
            drawn=drawn,
        )


def _judge(configuration: RunConfiguration, fresh: str) -> LLMJudge | None:
    judge = configuration.judge
    return LLMJudge(judge, teacher_identity(judge), configuration.run.seed, fresh) if judge else None


def _planned(before: Snapshot, call_ids: PackedKeys) -> set[str]:
    asked = "SELECT DISTINCT call_id FROM attempts SEMI JOIN wanted_keys ON call_id = wanted"
    return {call_id for (call_id,) in before.ask(asked, wanted=call_ids)[1]}


def land_plan(preparation: Preparation, run_id: str) -> None:
    """Land the plan. Failing golds go first, so that a question without its verdict cannot be taken for checked."""
    plan_id = preparation.plan.plan_id
    _land_missing(preparation, "verdicts", preparation.set_aside, run_id)
    if preparation.drawn:
        _land_missing(preparation, "questions", preparation.drawn.questions, run_id)
        preparation.warehouse.land("draws", preparation.drawn.new, run_id, f"{plan_id}/plan")
    _land_questions(preparation, in_file(preparation.loaded.seeds), run_id)
    _land_missing(preparation, "rejected_rows", preparation.loaded.rejected, run_id)
    _land_missing(preparation, "rulings", preparation.new_rulings, run_id)
    _land_attempts(preparation, run_id)


def _land_questions(preparation: Preparation, seeds: SeedFile, run_id: str) -> None:
    missing = ~preparation.before.has("questions", seeds.ids)
    batches = (to_columns([seed.question for seed in some]) for some in _some(seeds.where(missing)))
    keys = ([key] for key in compress(seeds.ids, missing))
    _land_many(preparation, "questions", batches, keys, run_id)


def _land_attempts(preparation: Preparation, run_id: str) -> None:
    plan, missing = preparation.plan, preparation.are_unlanded
    batches = (plan.columns(span).filter(missing[span.attempts.start : span.attempts.stop]) for span in plan.spans)
    keys = ([plan.plan_id, key] for key in compress(plan.attempt_ids, missing))
    _land_many(preparation, "attempts", batches, keys, run_id)


def _land_many(
    preparation: Preparation, table: str, batches: Iterable[pa.Table], keys: Iterable[list[str]], run_id: str
) -> None:
    preparation.warehouse.land_stream(table, batches, _some(keys), run_id, f"{preparation.plan.plan_id}/plan")


def _some(rows: Iterable[T]) -> Iterator[list[T]]:
    """A few thousand at a time."""
    left = iter(rows)
    return iter(lambda: list(islice(left, _AT_ONCE)), [])


def _land_missing(preparation: Preparation, table: str, rows: Sequence[Record], run_id: str) -> None:
    missing = preparation.before.missing(table, rows)
    preparation.warehouse.land(table, missing, run_id, f"{preparation.plan.plan_id}/plan")


def _rulings(before: Snapshot, table: str) -> list[GoldRuling]:
    names, rows = before.ask(f"SELECT {', '.join(GoldRuling.model_fields)} FROM {table}")
    return [GoldRuling.model_validate(dict(zip(names, row, strict=True))) for row in rows]


def _failing_golds(configuration: RunConfiguration, before: Snapshot, seeds: SeedFile) -> list[Verdict]:
    """Golds are judged against themselves when their question is new; what failed before stands in `verdicts`. What
    is left is held against equal questions each time: those depend on the other rows.
    """
    known = before.has("questions", seeds.ids)
    asked = {"gold": VerdictSubject.GOLD, "contradicted": Reason.GOLD_CONTRADICTED}
    _, rows = before.ask(_FAILED_BEFORE, asked, wanted=seeds.ids)
    failing = before.rows(Verdict, "verdict_id", [verdict_id for (verdict_id,) in rows])
    new = (seed.question for seed in seeds.where(~known))
    with closing(Verifier(configuration.verifier.math_timeout_s)) as verifier:
        failing += [verdict for questions in _some(new) for verdict in verifier.check_golds(questions)]
        left = seeds.without({verdict.subject_id for verdict in failing})
        return failing + list(contradicted_golds(left, verifier))

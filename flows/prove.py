"""The flow `prove`: what a release teaches a student, beside random draws of equal size and what else is asked for."""

import importlib.metadata
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from flows.configure import with_prompt_texts
from flows.experiment_tables import arms_table, card_line
from flows.proven import Proven
from flows.quiet_exit import quiet_flow_run
from flows.rendering import records
from flows.report import write_report
from flows.run_row import begun
from schemas.errors import Refused
from schemas.experiment import Evaluation, Experiment
from schemas.proving import ProveConfiguration
from schemas.record import canonical_json, content_key
from schemas.verdict import Ruling
from tasks.proving.apart import run_cases_apart
from tasks.proving.case import Case, CaseResult, known_result, run_cases
from tasks.proving.experiment import (
    EXPERIMENTS,
    ExperimentPlan,
    experiments_in,
    prepare,
    read_experiment,
    stated_configuration,
)
from tasks.proving.outcome import outcome_of
from tasks.proving.pools import Pools
from tasks.proving.verdicts import evaluated, judges
from tasks.publishing.appended import append_to_card
from tasks.publishing.manifest import read_manifest
from tasks.ray_session import ray_session
from warehouse.catalog import write_catalog
from warehouse.landing import Warehouse
from warehouse.reading import FRUGAL, Snapshot

KEY = "arms"
"""Each experiment adds a version of the artifact."""
RESULTS, AGAIN = "results", "again"
Report = Callable[[str], object]


_listener: ContextVar[Report] = ContextVar("listener", default=lambda line: None)


@contextmanager
def telling(report: Report) -> Iterator[None]:
    """Have `report` hear, beside the flow's log, of each arm as it is done by the flow that is called inside."""
    token = _listener.set(report)
    try:
        yield
    finally:
        _listener.reset(token)


@flow(name="prove", flow_run_name="{release}", persist_result=False)
def prove(
    release: str,
    configuration: ProveConfiguration | None = None,
    warehouse: str = "data/warehouse",
    again: bool = False,
) -> Proven:
    """Train the student on every arm with every seed, ask it the held-out questions, and land verdicts on its answers.

    Args:
        release: folder of the release.
        configuration: arms, seeds, student, training and questions; without one, those of its newest experiment.
        warehouse: folder of the tables that the release was made from; only its own rows are used where there are none.
        again: train and ask all of it once more, and compare the answers.
    """
    quiet_flow_run()
    log = get_run_logger()
    folder, opened = Path(release), Warehouse(Path(warehouse))
    there = opened if opened.exists() else None
    experiment = resolve(folder, with_prompt_texts(configuration) if configuration else None, there)
    listener = _listener.get()

    def report(line: str) -> None:
        log.info("%s", line)
        listener(line)

    proven = run_experiment(experiment, again, report)
    if not again:
        append_to_card(folder, experiment.experiment_id, card_line(proven))
        if there:
            publish(folder, proven, there)
        else:
            report(f"no warehouse at {opened.address}: nothing lands in `experiments`; again with --warehouse, it does")
    said = f"Experiment `{experiment.experiment_id}` on the release **{experiment.release}**"
    create_table_artifact(table=records(*arms_table(proven.outcome)), key=KEY, description=said)
    return proven


def resolve(folder: Path, configuration: ProveConfiguration | None, warehouse: Warehouse | None) -> ExperimentPlan:
    """Return the experiment that a configuration describes, or the newest one of the release. Raises `Refused`."""
    read_manifest(folder)
    if configuration is None:
        if not (found := experiments_in(folder)):
            raise Refused(f"prove: {folder} has no experiment yet; give a configuration, such as deploy/prove.toml")
        return read_experiment(found[-1])
    with Snapshot(warehouse, FRUGAL) if warehouse else nullcontext() as now:
        return prepare(folder / EXPERIMENTS, configuration, lambda name: Pools(_beside(folder, name), now))


def _beside(folder: Path, name: str | None) -> Path:
    return folder if name is None else folder.parent / name


def run_experiment(experiment: ExperimentPlan, again: bool = False, report: Report = lambda line: None) -> Proven:
    """Do what is left of an experiment. One that was killed goes on from the last checkpoint of each arm."""
    training, asking = experiment.configuration.training, experiment.configuration.evaluation
    cases = experiment.cases(experiment.folder.parent / (AGAIN if again else RESULTS))
    left = [case for case in cases if known_result(case) is None]
    report(f"{experiment.experiment_id[:12]}: {len(cases)} arms with seeds, {len(left)} to do")
    questions = experiment.questions
    by_case: dict[str, list[Evaluation]] = {}
    with judges() as judge, begun():

        def heard(result: CaseResult) -> None:
            name = f"{result.arm}-{result.seed}"
            by_case[name] = evaluated(experiment.experiment_id, result, questions, judge, asking.only_output)
            greedy = [row for row in by_case[name] if row.sample_index is None]
            right = sum(row.verdict is Ruling.CORRECT for row in greedy)
            speed = f", {result.learnt['tokens_per_s']:,.0f} tokens/s" if result.learnt else ""
            report(f"{result.arm} seed {result.seed}: {right} of {len(greedy)} correct, {result.n_rows} rows{speed}")

        for result in filter(None, map(known_result, cases)):
            heard(result)
        if left and (training.workers > 1 or training.num_gpus):
            workers = min(training.workers, len(left))
            with ray_session(workers, workers * training.num_gpus):
                run_cases_apart(left, workers, training.num_gpus, heard)
        else:
            run_cases(left, heard)
    rows = [row for case in cases for row in by_case[case.name]]
    outcome = outcome_of(experiment.configuration, rows)
    differs = tuple(_differing(experiment, cases)) if again else None
    if again:
        shutil.rmtree(cases[0].folder)
    return Proven(experiment, outcome, tuple(rows), differs)


def _differing(experiment: ExperimentPlan, cases: Sequence[Case]) -> Iterator[str]:
    first = {case.name: known_result(case) for case in experiment.cases(experiment.folder.parent / RESULTS)}
    for case in cases:
        now, before = known_result(case), first[case.name]
        if before is not None and (now is None or now.answers != before.answers):
            yield case.name


def publish(folder: Path, proven: Proven, warehouse: Warehouse) -> None:
    """Land the experiment, and make the report again where the warehouse has the release."""
    experiment = proven.experiment
    rows = list(experiment_rows(proven))
    with warehouse.sole_writer():
        warehouse.create()
        with Snapshot(warehouse) as now:
            new = now.missing("experiments", rows)
            answers = now.missing("evaluations", proven.evaluations)
            known = now.ask("SELECT 1 FROM releases WHERE content_hash = ?", [experiment.release_content])[1]
        unit = f"experiment/{experiment.experiment_id}"
        warehouse.land("evaluations", answers, experiment.experiment_id, unit)
        warehouse.land("experiments", new, experiment.experiment_id, unit)
        write_catalog(warehouse)
        if known:
            write_report(warehouse, folder.name, folder.parent)


def experiment_rows(proven: Proven) -> Iterator[Experiment]:
    """Yield one for each arm with each seed."""
    experiment = proven.experiment
    accuracies = {arm.arm: arm.by_seed for arm in proven.outcome.arms}
    cases = experiment.cases(experiment.folder.parent / RESULTS)
    for planned, case in zip(experiment.planned, cases, strict=True):
        result = known_result(case)
        if result is None:
            continue
        learnt = result.learnt or {}
        yield Experiment(
            experiment_id=experiment.experiment_id,
            arm=planned.arm,
            seed=planned.seed,
            case_id=content_key("case", experiment.experiment_id, planned.arm, planned.seed),
            release=experiment.release,
            release_content=experiment.release_content,
            student=experiment.configuration.student.model,
            student_revision=planned.student_revision,
            n_rows=planned.n_rows,
            n_left_out=result.n_left_out,
            n_copies=planned.n_copies,
            rows_hash=planned.rows_hash,
            steps=learnt.get("steps", 0),
            tokens=learnt.get("tokens", 0),
            loss=learnt.get("loss"),
            train_s=learnt.get("train_s"),
            tokens_per_s=learnt.get("tokens_per_s"),
            peak_mib=learnt.get("peak_mib"),
            answer_s=result.answer_s,
            n_items=len(experiment.questions),
            accuracy=accuracies[planned.arm][planned.seed],
            configuration=stated_configuration(experiment),
            code_version=importlib.metadata.version("reflectory"),
            libraries=canonical_json(experiment.libraries),
        )

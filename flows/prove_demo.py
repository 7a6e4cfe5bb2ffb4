"""The laptop experiment: raw pairs to recycled, verified, scored, selected and released rows, and what each teaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console

from flows.cli.recycle import recycle_configuration
from flows.prove import prove, telling
from flows.proven import Proven
from flows.recycle_preparation import prepared_recycling
from flows.release import ReleaseOrder, curate_and_release
from schemas.configuration import RunSettings, VerifierSettings
from schemas.curation import Line
from schemas.errors import Refused
from schemas.proving import DemoConfiguration, DemoRelease, Pool, ProveConfiguration
from schemas.record import content_key
from schemas.recycling import Check, Checking, Pairs, RecycleConfiguration, Selection
from schemas.student import StudentSettings
from schemas.teacher import TeacherSettings
from tasks.curation.policy import Policy
from tasks.proving.chain_student import make_base
from tasks.proving.chain_world import off_question, write_world, wrong_label_auc
from tasks.proving.experiment import OF_NO_ACCOUNT
from tasks.proving.pools import Pools
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

_SCORED = """
    SELECT p.instruction, p.response, o.gold, p.ifd
    FROM pairs_full p JOIN originals o USING (plan_id, original_id)
    WHERE p.plan_id = ? AND p.stage = 'original' ORDER BY p.pair_id
"""


@dataclass(frozen=True)
class Measured:
    """What the data came to, beside what the arms did."""

    raw_off_question: float
    released_off_question: float
    wrong_label_auc: float | None

    @property
    def fall(self) -> float:
        return 1 - self.released_off_question / self.raw_off_question if self.raw_off_question else 0.0


@dataclass(frozen=True)
class DemoResult:
    proven: Proven
    measured: Measured
    seconds: dict[str, float]
    """By part."""


def run_demo(console: Console, configuration: DemoConfiguration, folder: Path) -> DemoResult:
    """Do what is missing of the experiment in `folder`; raises `Refused` where another one was begun there."""
    _claim(folder, configuration)
    clock = _Clock(console)
    settings = _inside(configuration.prove, folder)
    pairs = folder / "pairs.jsonl"
    write_world(configuration.world, pairs, folder / "held_out.jsonl")
    for seed in settings.seeds:
        make_base(
            Path(settings.student.model.replace("{seed}", str(seed))), configuration.base, configuration.base_rows, seed
        )
        clock.done(f"base student, seed {seed}")
    warehouse = Warehouse(folder / "warehouse")
    plans: dict[str, str] = {}
    for each in configuration.releases:
        plans[each.name] = _release(console, each, settings, pairs, warehouse)
        clock.done(f"release {each.name}")
    release = folder / "releases" / configuration.releases[0].name
    with telling(console.print):
        proven: Proven = prove(str(release), settings, str(warehouse.folder))
    clock.done("training and asking")
    return DemoResult(proven, _measured(release, warehouse, plans[configuration.releases[0].name]), clock.seconds)


class _Clock:
    def __init__(self, console: Console) -> None:
        self._console, self._began = console, monotonic()
        self.seconds: dict[str, float] = {}

    def done(self, what: str) -> None:
        self.seconds[what], self._began = monotonic() - self._began, monotonic()
        self._console.print(f"{what}: {self.seconds[what]:.0f} s", markup=False)


def _claim(folder: Path, configuration: DemoConfiguration) -> None:
    """One folder holds one experiment."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = configuration.model_dump(mode="json", exclude={"prove": OF_NO_ACCOUNT | {"seeds": True}})
    key, stated = content_key("demo", settings), folder / "configuration"
    if (claimed := stated.read_text("ascii") if stated.is_file() else "") not in ("", key):
        raise Refused(f"prove: {folder} holds an experiment of another configuration; give another folder by --out")
    if not claimed:  # a kill may have left it empty
        stated.write_text(key, "ascii")


def _inside(settings: ProveConfiguration, folder: Path) -> ProveConfiguration:
    """With its paths from the folder."""
    questions = settings.evaluation.questions
    asked = questions.model_copy(update={"path": str(folder / str(questions.path))})
    return settings.model_copy(
        update={
            "evaluation": settings.evaluation.model_copy(update={"questions": asked}),
            "student": settings.student.model_copy(update={"model": str(folder / settings.student.model)}),
        }
    )


def _release(
    console: Console, asked: DemoRelease, settings: ProveConfiguration, pairs: Path, warehouse: Warehouse
) -> str:
    """Recycle, curate and release; the plan's id. The first seed's base is the student that scores."""
    scorer = StudentSettings(model=settings.student.model.replace("{seed}", str(settings.seeds[0])), device="cpu")
    recycling = RecycleConfiguration(
        pairs=Pairs(path=str(pairs)),
        selection=Selection(mode=asked.mode),
        check=Checking(by=Check.CONSENSUS, in_every_mode=True),
        teacher=TeacherSettings(preset=asked.preset),
        student=scorer,
        verifier=VerifierSettings(),
        run=RunSettings(),
    )
    with prepared_recycling(recycling, warehouse.folder) as preparation:
        plan_id = preparation.plan_id
    recycle_configuration(console, recycling, warehouse.folder, fresh="", dry_run=False)
    order = ReleaseOrder(asked.name, warehouse.folder.parent / "releases")
    if not order.folder.exists():
        kept = {"name": asked.name, "plans": [plan_id], "lines": [Line.PAIRS], "ifd": {"top_share": asked.top_share}}
        policy = Policy.model_validate(kept, strict=False)
        curate_and_release(warehouse, policy, order)
    return plan_id


def _measured(release: Path, warehouse: Warehouse, plan_id: str) -> Measured:
    with Snapshot(warehouse) as now:
        pools = Pools(release, now)
        columns, rows = now.ask(_SCORED, [plan_id])
        scored: Sequence[dict[str, Any]] = [dict(zip(columns, row, strict=True)) for row in rows]
        return Measured(
            off_question(pools.rows(Pool.RAW)), off_question(pools.rows(Pool.RELEASE)), wrong_label_auc(scored)
        )

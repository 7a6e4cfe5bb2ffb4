"""An experiment as a folder inside its release: all that is needed to run it again, elsewhere, without a warehouse.

experiment.json     configuration, versions, and for each arm and seed: its rows, their hash, its steps, its student
held_out.jsonl      the questions
rows/*.jsonl        chat rows, a file for each set of them
students/           the weights and tokenizer of a local student that is small

Beside the experiments, in `results`, is what students answered: another arm or seed costs that arm or seed alone.
"""

import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.proving import SHOWN, Arm, Asking, Mask, Pool, ProveConfiguration
from schemas.question import Question
from schemas.record import canonical_json, content_key
from tasks.contamination.detect import convicted, detect, embeds
from tasks.contamination.embedders import load_embedder, load_multilingual
from tasks.proving.case import Case, read_lines, write_lines
from tasks.proving.pools import Pools, Row, asked, controlled, drawn, reflects
from tasks.publishing.files import sha256_of
from tasks.questions import load
from tasks.scoring.student_files import StudentFiles, find_student
from warehouse.durable import put_in_place

EXPERIMENTS = "experiments"
"""The folder inside a release: beside its content, like the report."""
FILE = "experiment.json"
LEARNT = "learnt"
COPIED_MIB = 64
"""A local student up to this size is copied, so that the folder is enough to run all again."""
LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "tokenizers", "numpy")
OF_NO_ACCOUNT: dict[str, Any] = {"training": {"checkpoint_every", "num_gpus", "workers"}}
"""Of the configuration: what changes no answer."""

PoolsOf = Callable[[str | None], Pools]
"""The pools of a release by its name; None: of the one that the experiment is about."""


@dataclass(frozen=True)
class PlannedCase:
    """An arm with a seed, as `experiment.json` has it."""

    arm: str
    seed: int
    mask: Mask
    order: int
    rows: str | None
    """The file, inside the folder; None: the student as it is."""
    rows_hash: str | None
    n_rows: int
    n_copies: int
    """Rows of the pool that copy a held-out question, and were left out."""
    steps: int
    student: str
    """A folder inside the experiment's, or a model as the configuration names it."""
    student_revision: str
    first: str | None = None
    """The file of the rows that are learnt before."""
    first_mask: Mask = Mask.RELEASE


@dataclass(frozen=True)
class ExperimentPlan:
    folder: Path
    experiment_id: str
    release: str
    release_content: str
    configuration: ProveConfiguration
    libraries: dict[str, str]
    planned: tuple[PlannedCase, ...]

    @property
    def arms(self) -> list[str]:
        return list(dict.fromkeys(case.arm for case in self.planned))

    @property
    def questions(self) -> list[dict[str, Any]]:
        return read_lines(self.folder / "held_out.jsonl")

    def cases(self, results: Path) -> list[Case]:
        """Return what is to be done, each with its result in `results`."""
        results.mkdir(parents=True, exist_ok=True)
        return [self._case(each, results) for each in self.planned]

    def _case(self, planned: PlannedCase, results: Path) -> Case:
        settings = self.configuration
        settings_key, asking = answered_by(settings), settings.evaluation
        shown = asking.model_dump(mode="json", include={"examples"}) if planned.arm == SHOWN else {}
        asking = asking if shown else asking.model_copy(update={"examples": ()})
        asked = sha256_of(self.folder / "held_out.jsonl")
        decides = (planned.seed, planned.mask, planned.order, planned.rows_hash, planned.steps)
        before = [sha256_of(self.folder / planned.first), planned.first_mask] if planned.first else []
        inside = self.folder / planned.student
        model = str(inside) if inside.is_dir() else planned.student
        name = f"{planned.arm}-{planned.seed}"
        return Case(
            arm=planned.arm,
            seed=planned.seed,
            student=settings.student.model_copy(update={"model": model}),
            training=settings.training,
            asking=asking,
            steps=planned.steps,
            mask=planned.mask,
            order=planned.order,
            rows=self.folder / planned.rows if planned.rows else None,
            questions=self.folder / "held_out.jsonl",
            folder=results,
            threads=settings.training.threads or max(1, (os.cpu_count() or 1) // settings.training.workers),
            key=content_key("case", settings_key, asked, *decides, planned.student_revision, *shown.values(), *before),
            keep=results.parent / LEARNT / name if settings.keep and planned.rows else None,
            first=(self.folder / planned.first, planned.first_mask) if planned.first else None,
        )


def answered_by(configuration: ProveConfiguration) -> dict[str, Any]:
    """Return what in the configuration decides the answers of a case beside its rows, its student and its questions."""
    values = configuration.model_dump(mode="json", include={"evaluation", "student", "training"}, exclude=OF_NO_ACCOUNT)
    del values["student"]["model"], values["student"]["revision"]
    del values["evaluation"]["questions"], values["evaluation"]["contamination"]
    for name in ("examples", "only_output"):  # only an arm of their own answers after them; a verdict is no answer
        values["evaluation"].pop(name, None)
    return values


def _settings_of(configuration: ProveConfiguration) -> dict[str, Any]:
    """All that it says, hypotheses too, but for places: what stands there counts."""
    settings = configuration.model_dump(mode="json", exclude=OF_NO_ACCOUNT)
    del settings["student"]["model"], settings["evaluation"]["questions"]
    return settings


def prepare(root: Path, configuration: ProveConfiguration, pools_of: PoolsOf) -> ExperimentPlan:
    """Resolve every arm with every seed, and write the experiment's folder below `root`; one that is there already is
    read. Raises `Refused` for an arm that has no rows, and for questions or students that are not there.
    """
    questions = [seed.question for seed in load(configuration.evaluation.questions, seed=0).seeds]
    held_out = [_held_out(question) for question in questions]
    manifest = pools_of(None).manifest
    draft = root / f".{EXPERIMENTS}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "rows").mkdir(parents=True)
    try:
        write_lines(draft / "held_out.jsonl", held_out)
        cases = tuple(_Planner(draft, configuration, pools_of, held_out).cases())
        decides = [
            [case.arm, case.seed, case.rows_hash, case.order, case.steps, case.student_revision]
            + ([case.first] if case.first else [])
            for case in cases
        ]
        key = content_key("experiment", _settings_of(configuration), decides, held_out, manifest["content_hash"])
        stated = {
            "experiment_id": key,
            "release": {"name": manifest["name"], "content_hash": manifest["content_hash"]},
            "code_version": importlib.metadata.version("reflectory"),
            "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
            "configuration": configuration.model_dump(mode="json"),
            "cases": [asdict(case) for case in cases],
        }
        (draft / FILE).write_text(json.dumps(stated, indent=1) + "\n", "ascii")
        folder = root / key[:12]
        if not folder.is_dir():
            put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return read_experiment(folder)


def experiments_in(release: Path) -> list[Path]:
    """List the folders of the experiments inside a release, the newest last."""
    found = (release / EXPERIMENTS).glob(f"*/{FILE}")
    return [file.parent for file in sorted(found, key=lambda file: file.stat().st_mtime)]


def read_experiment(folder: Path) -> ExperimentPlan:
    """Return the experiment in `folder`. Raises `Refused` where a file of it is missing or altered."""
    try:
        stated = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"no experiment at {folder} ({error}); `reflectory prove RELEASE CONFIG` makes one") from error
    planned = tuple(map(_planned, stated["cases"]))
    for case in planned:
        if case.rows and (not (folder / case.rows).is_file() or sha256_of(folder / case.rows) != case.rows_hash):
            raise Refused(
                f"experiment: {folder / case.rows} is missing or altered; restore it, or prove anew by CONFIG"
            )
    return ExperimentPlan(
        folder,
        stated["experiment_id"],
        stated["release"]["name"],
        stated["release"]["content_hash"],
        ProveConfiguration.model_validate_json(json.dumps(stated["configuration"])),
        stated["libraries"],
        planned,
    )


def _planned(case: dict[str, Any]) -> PlannedCase:
    masks: dict[str, Any] = {name: Mask(case[name]) for name in ("mask", "first_mask") if name in case}
    return PlannedCase(**{**case, **masks})


class _Planner:
    """Writes the rows and students of every case into a draft."""

    def __init__(
        self, draft: Path, configuration: ProveConfiguration, pools_of: PoolsOf, held_out: Sequence[dict[str, Any]]
    ) -> None:
        self._draft, self._configuration, self._held_out = draft, configuration, held_out
        self._pools_of = cache(pools_of)
        self._clean_pool = cache(self._without_copies)

    def cases(self) -> Iterator[PlannedCase]:
        arms = {arm.name: arm for arm in self._configuration.arms}
        steps = self._configuration.training.steps_of(len(self._pool(next(iter(arms.values())))[0]))
        for seed in self._configuration.seeds:
            student, revision = self._student(seed)
            for name in self._configuration.as_it_was:
                yield PlannedCase(name, seed, Mask.RELEASE, 0, None, None, 0, 0, 0, student, revision)
            for arm in arms.values():
                rows = self._rows(arm, arms, seed)
                file, digest = self._write(rows)
                counts = (len(rows), self._pool(arm)[1], steps)
                begins = arms[arm.after] if arm.after else None
                first = self._write(self._rows(begins, arms, seed))[0] if begins else None
                mask = begins.mask if begins else Mask.RELEASE
                known = (arm.name, seed, arm.mask, arm.order, file, digest, *counts, student, revision)
                yield PlannedCase(*known, first, mask)

    def _rows(self, arm: Arm, arms: Mapping[str, Arm], seed: int) -> list[Row]:
        pool, _ = self._pool(arm)
        if arm.size_of is not None:
            pool = drawn(pool, len(self._pool(arms[arm.size_of])[0]), seed)
        rows = controlled(arm, pool, self._held_out, seed)
        if not rows:
            raise Refused(f"arms: the pool of {arm.name} has no rows; needs some, or leave the arm out")
        return rows

    def _pool(self, arm: Arm) -> tuple[list[Row], int]:
        return self._clean_pool(arm.pool, arm.release, arm.reflections)

    def _without_copies(self, pool: Pool, release: str | None, reflections: bool | None) -> tuple[list[Row], int]:
        rows = self._pools_of(release).rows(pool)
        rows = [row for row in rows if reflections is None or reflects(row) is reflections]
        copies = copied([asked(row) for row in rows], [each["question"] for each in self._held_out], self._asking)
        return [row for place, row in enumerate(rows) if place not in copies], len(copies)

    @property
    def _asking(self) -> Asking:
        return self._configuration.evaluation

    def _write(self, rows: Sequence[Row]) -> tuple[str, str]:
        name = f"rows/{content_key('rows', [dict(row) for row in rows])[:12]}.jsonl"
        file = self._draft / name
        if not file.is_file():
            write_lines(file, [dict(row) for row in rows])
        return name, sha256_of(file)

    def _student(self, seed: int) -> tuple[str, str]:
        settings = self._configuration.student
        model = settings.model.replace("{seed}", str(seed))
        files = find_student(model, settings.revision)
        return self._copied(files) or model, files.revision

    def _copied(self, files: StudentFiles) -> str | None:
        if files.folder is None:
            return None
        there = [file for file in files.folder.iterdir() if file.is_file()]
        if sum(file.stat().st_size for file in there) > COPIED_MIB * 2**20:
            return None
        name = f"students/{files.revision[:12]}"
        (self._draft / name).mkdir(parents=True, exist_ok=True)
        for file in there:
            shutil.copyfile(file, self._draft / name / file.name)
        return name


def copied(texts: Sequence[str], questions: Sequence[str], asking: Asking) -> set[int]:
    """Return the places of the texts that copy one of the questions, as the contamination detectors find."""
    settings = asking.contamination
    embed = across = None
    if embeds(settings):
        embed, across = load_embedder(settings).embed, load_multilingual().embed
    return convicted(detect(dict(enumerate(texts)), questions, settings, embed, None, across))


def _held_out(question: Question) -> dict[str, Any]:
    return {
        "id": question.question_id,
        "question": question.text,
        "gold": question.gold,
        "kind": str(question.kind),
        "spec": json.loads(question.spec),
    }


def stated_configuration(experiment: ExperimentPlan) -> str:
    return canonical_json(experiment.configuration.model_dump(mode="json"))

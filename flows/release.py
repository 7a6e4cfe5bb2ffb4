"""From a curation to a release: its files beside the warehouse, its row in `releases`."""

import importlib.metadata
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.pair_judge import judge_of
from flows.report import write_report
from schemas.closest import hint
from schemas.curation import Curation
from schemas.errors import BooksDoNotBalance, Refused
from schemas.record import canonical_json, content_key
from schemas.release import Release, ReleaseConfiguration
from schemas.release_format import ReleaseFormat, Split
from tasks.curation.curate import Curated, curate_warehouse
from tasks.curation.policy import Policy
from tasks.curation.rules.hygiene import HygieneRule
from tasks.curation.signing import sign_new
from tasks.publishing import collator
from tasks.publishing.card import dataset_card
from tasks.publishing.content import content_hash, write_rows
from tasks.publishing.conversations import TEACHERS
from tasks.publishing.decided import KEPT, CuratedTraces, known_content
from tasks.publishing.environment import write_environment, write_verl
from tasks.publishing.files import listed
from tasks.publishing.manifest import MANIFEST, altered_files, manifest, read_manifest
from tasks.publishing.splits import READ, split_questions
from tasks.publishing.tally import Tally
from tasks.publishing.tokenizer import ChatTemplate, save_with_tags
from warehouse.catalog import connect_for, write_catalog
from warehouse.durable import put_in_place
from warehouse.landing import Warehouse
from warehouse.object_store import read_in_a_sentence
from warehouse.reading import FRUGAL, Snapshot

DEFAULT_FORMATS = (ReleaseFormat.CHAT, ReleaseFormat.PROMPT_COMPLETION, ReleaseFormat.DPO)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


@dataclass(frozen=True)
class ReleaseOrder:
    """What a release is to be, beside the policy."""

    name: str
    root: Path
    """The folder of releases; this one is the folder of its name in it."""
    formats: tuple[ReleaseFormat, ...] = DEFAULT_FORMATS
    system: str = TEACHERS
    template: Path | None = None
    special_tokens: Path | None = None
    splits: Mapping[Split, float] | None = None
    """Share of the questions by split; None: all are to train on."""
    best_of: int | None = None
    """Samples that the best of a question is chosen among; None: all that are judged."""

    def check(self) -> None:
        """Raise `Refused` for what can be seen to be wrong before anything is read."""
        if not _NAME.fullmatch(self.name):
            raise Refused(f"release: got the name {self.name!r}; needs letters, digits and . _ -, 96 at most")

    @property
    def folder(self) -> Path:
        return self.root / self.name


def read_formats(names: str) -> tuple[ReleaseFormat, ...]:
    """Read formats from names between commas. Raises `Refused`."""
    asked = [name.strip() for name in names.split(",")]
    if unknown := [name for name in asked if name not in set(ReleaseFormat)]:
        names = f"{', '.join(ReleaseFormat)}, with commas between them{hint(unknown[0], ReleaseFormat)}"
        raise Refused(f"--formats: got {unknown[0]!r}; needs some of {names}")
    return tuple(ReleaseFormat(name) for name in asked)


def read_splits(given: str) -> dict[Split, float] | None:
    """Read shares from `train=0.9,test=0.1`; None from nothing. Raises `Refused`."""
    if not given:
        return None
    parts = [part.partition("=") for part in given.split(",")]
    try:
        shares = {Split(name.strip()): float(share) for name, _, share in parts}
    except ValueError:
        shares = {}
    whole = abs(sum(shares.values()) - 1) <= 1e-6
    if len(shares) < len(parts) or not whole or min(shares.values()) <= 0:
        raise Refused(
            f"--splits: got {given!r}; needs shares above 0 that are 1 together, of {', '.join(Split)}, each once,"
            " such as train=0.9,validation=0.05,test=0.05"
        )
    return {split: shares[split] for split in Split if split in shares}


def releases_beside(warehouse: Warehouse) -> Path:
    """Return where releases are unless said otherwise."""
    return warehouse.place.beside / "releases"


@dataclass(frozen=True)
class Made:
    release: Release
    is_new: bool
    """False: the same content had this name already, and nothing was written or landed."""


def make_release(warehouse: Warehouse, curation: Curation, order: ReleaseOrder, run_id: str) -> Made:
    """Write and land the release that `curation` decided on; the caller holds the warehouse's `sole_writer`.

    A release that is there already with the same content is left as it is. Raises `Refused` where the name has other
    content, and where a chat template leaves something out; `BooksDoNotBalance` where rows are not those that were
    decided on. Nothing is at the place of the release until all of it is.
    """
    order.check()
    template = ChatTemplate(order.template) if order.template else None
    with _draft(order) as draft:
        tokens = save_with_tags(order.special_tokens, draft / "tokenizer") if order.special_tokens else None
        configuration = ReleaseConfiguration(
            formats=tuple(sorted({ReleaseFormat.CHAT, *order.formats})),
            system=order.system,
            template=template.named if template else None,
            special_tokens=tokens,
            splits=dict(order.splits) if order.splits else None,
            best_of=order.best_of,
        )
        split_of = _split(warehouse, curation, order, run_id)
        with TemporaryDirectory(dir=draft) as disk, Snapshot(warehouse, FRUGAL) as now:
            decided = CuratedTraces(now, curation.curation_id, Path(disk))
            is_unclean = Policy.model_validate_json(curation.policy).section(HygieneRule).finds
            judged = decided.judged()
            tally = write_rows(draft, decided.kept(), judged, configuration, template, split_of, is_unclean)
            system = next((said for said, _ in tally.systems.most_common(1)), None)
            if ReleaseFormat.VERIFIERS in configuration.formats:
                folder = draft / "environment"
                tally.rows |= write_environment(folder, order.name, system, decided.questions(), split_of)
            if ReleaseFormat.VERL in configuration.formats:
                tally.rows |= write_verl(draft / "verl", system, decided.questions(), split_of)
            plans, known, checked = decided.plans(), known_content(now, order.name), decided.checked()
        _check_books(curation, tally)
        card = dataset_card(order.name, curation, configuration, tally, checked)
        (draft / "README.md").write_text(card, encoding="utf-8")
        shutil.copyfile(collator.__file__, draft / "collator.py")
        made = _release(warehouse, order, curation, configuration, tally, draft, plans)
        (draft / MANIFEST).write_text(manifest(made, curation, tally), encoding="ascii")
        is_new = _settle(order, made, draft, known) or not known
    if not known:
        warehouse.land("releases", [made], run_id, f"release/{made.release_id}")
        write_catalog(warehouse)
    return Made(made, is_new)


@dataclass(frozen=True)
class Released:
    curated: Curated
    made: Made
    report: Path
    """The page about it."""


def curate_and_release(
    warehouse: Warehouse,
    policy: Policy,
    order: ReleaseOrder,
    step: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Released:
    """Curate by `policy`, write and land what it keeps, and make its report. `step` is entered for what takes its time.

    Raises `Refused`, before anything is read where it can, and `BooksDoNotBalance`.
    """
    order.check()
    with warehouse.sole_writer():
        with step(f"curating by the policy {policy.name}"):
            curated = curate_warehouse(warehouse, policy, judge=judge_of(policy, warehouse))
        with step(f"writing {order.folder}"):
            made = make_release(warehouse, curated.curation, order, uuid.uuid4().hex)
        with step("writing its report"):
            page = write_report(warehouse, order.name, order.root)
    return Released(curated, made, page)


def _split(warehouse: Warehouse, curation: Curation, order: ReleaseOrder, run_id: str) -> dict[str, Split] | None:
    if not order.splits:
        return None
    sign_new(warehouse, run_id)
    seed = Policy.model_validate_json(curation.policy).seed
    with read_in_a_sentence(), closing(connect_for(warehouse, READ)) as connection:
        return split_questions(connection, curation.curation_id, order.splits, seed)


def _settle(order: ReleaseOrder, made: Release, draft: Path, known: list[str]) -> bool:
    """Put the draft in its place, once and for all; whether it was not there yet. `known` is the content that has the
    name in the warehouse, wherever the folder went."""
    there = [read_manifest(order.folder)["content_hash"]] if order.folder.exists() else []
    for content in [*there, *known]:
        if content != made.content_hash:
            raise Refused(
                f"release: {order.name} exists with other content ({content}, and now {made.content_hash}); a release"
                f" never changes: give another name, then `reflectory diff {order.name} OTHER` says what differs"
            )
    if not there:
        put_in_place(draft, order.folder)  # its row is for good, and would name files that a loss of power took
        return True
    if altered := altered_files(order.folder):
        raise Refused(f"release: {order.folder / altered[0]} was altered after the release; restore or remove it")
    return False


@contextmanager
def _draft(order: ReleaseOrder) -> Iterator[Path]:
    draft = order.root / f".{order.name}.{os.getpid()}"
    for left in order.root.glob(f"{draft.stem}.*"):  # of a kill, which may have had the same number in a container
        if left.stem == draft.stem and left.suffix[1:].isdigit():
            shutil.rmtree(left, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        raise Refused(f"--out: cannot make {draft} ({error.strerror}); give a writable folder") from error
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check_books(curation: Curation, tally: Tally) -> None:
    fates = curation.kept + curation.dropped + curation.failed + curation.pending
    if curation.planned != fates or curation.kept != len(tally.trace_ids):
        raise BooksDoNotBalance(
            f"release: planned {curation.planned}, fates {fates}; kept {curation.kept}, rows {len(tally.trace_ids)}"
        )


def _release(
    warehouse: Warehouse,
    order: ReleaseOrder,
    curation: Curation,
    configuration: ReleaseConfiguration,
    tally: Tally,
    draft: Path,
    plans: list[str],
) -> Release:
    files = listed(draft, tally.rows)
    content = content_hash(files)
    return Release(
        release_id=content_key("release", order.name, content),
        name=order.name,
        plan_id=plans[0] if len(plans) == 1 else None,
        curation_id=curation.curation_id,
        query=KEPT,
        table_versions=warehouse.versions(),
        code_version=importlib.metadata.version("reflectory"),
        configuration=canonical_json(configuration.model_dump(mode="json")),
        content_hash=content,
        files=files,
        trace_ids=tuple(tally.trace_ids),
    )

"""`reflectory release` and `reflectory diff`: curate, write out what was kept, and say what became of the rest."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from flows.funnel import books_line, funnel
from flows.release import Made, ReleaseOrder, curate_and_release
from flows.rendering import FORMATS, rich_table
from schemas.release import Release
from schemas.release_format import ReleaseFormat
from tasks.curation.policy import Policy
from tasks.publishing.difference import RowChange, Setting, row_changes, setting_changes
from tasks.publishing.hub import Hub
from tasks.publishing.manifest import read_manifest, release_folder
from tasks.secret import secret
from warehouse.landing import Warehouse

_OF_SEVERAL = (ReleaseFormat.DPO, ReleaseFormat.CHAT_DPO, ReleaseFormat.BEST_OF_N)
_CHANGES = ("added", "removed", "changed")


def release_and_show(
    console: Console, warehouse: Warehouse, policy: Policy, order: ReleaseOrder, push: str | None, token: str
) -> None:
    """Curate by `policy` and release what it keeps. Raises `Refused` before anything is read where it can.

    `push` is a data set of the Hugging Face hub, `token` the reference to the key for it.
    """
    order.check()
    hub = Hub(secret("--token", token).get_secret_value()) if push else None
    released = curate_and_release(warehouse, policy, order, console.status)
    curation, made = released.curated.curation, released.made
    if released.curated.warning:
        console.print(released.curated.warning, style="yellow", markup=False)
    console.print(rich_table(*funnel(curation), title=f"Funnel of the policy {policy.name}"), books_line(curation))
    _show(console, made, order)
    if lacks := _lacks(made.release, curation.kept):
        console.print(lacks, style="yellow", markup=False)
    console.print(f"report: {released.report}", markup=False)
    if hub and push:
        with console.status(f"pushing to {push}"):
            where = hub.push(order.folder, push, order.name, made.release.content_hash)
        console.print(f"pushed: {where}", markup=False)


def _lacks(release: Release, kept: int) -> str | None:
    """What to know of files without a row; a release of nothing would pass for one, and takes its name."""
    if not kept:
        return f"nothing was kept: {release.name} is empty, and its name is taken; the funnel says why"
    rows = {Path(file.path).stem: file.rows for file in release.files if file.path.endswith(".jsonl")}
    files_by_reason: dict[str, list[str]] = {}
    for stem in (stem for stem, n in rows.items() if n == 0):
        files_by_reason.setdefault(_why_empty(stem.partition("-")[0], rows), []).append(f"{stem}.jsonl")
    return "; ".join(f"no row in {', '.join(files)}{why}" for why, files in files_by_reason.items()) or None


def _why_empty(form: str, rows: Mapping[str, int | None]) -> str:
    """By the rows of each file: those of a form are its name, or that with a split's."""
    if any(n for stem, n in rows.items() if stem.partition("-")[0] == form):
        return ": the questions of that split give none; more questions may, or a larger share in --splits"
    if form in _OF_SEVERAL:
        return ": a pair or a choice needs several answers to one question, as teacher.samples gives"
    return ""


def _show(console: Console, made: Made, order: ReleaseOrder) -> None:
    listed = made.release.files
    files = [(each.path, "" if each.rows is None else each.rows, each.size, each.sha256[:16]) for each in listed]
    console.print(rich_table(("file", "rows", "bytes", "sha256"), files, title=f"Release {order.name}"))
    again = "" if made.is_new else "; it was there already, and stays as it is"
    console.print(f"content {made.release.content_hash} in {order.folder}{again}", markup=False)
    if not order.template:
        console.print(
            "rendered through no chat template: --template TOKENIZER_DIR checks that yours keeps the reasoning"
        )


def show_difference(console: Console, releases: Path, before: str, after: str, form: str) -> str | None:
    """Print what differs between two releases, each a name or a folder. As `json` or `csv` the rows alone, returned
    as text."""
    a, b = release_folder(releases, before), release_folder(releases, after)
    stated = read_manifest(a), read_manifest(b)
    changes = row_changes(a, b)
    if form != "table":
        return str(FORMATS[form](RowChange._fields, changes))
    settings = setting_changes(*stated)
    if not changes and not settings:
        same = "byte for byte" if stated[0]["content_hash"] == stated[1]["content_hash"] else "row by row"
        console.print(f"{before} and {after} are the same, {same}", markup=False)
    if changes:
        console.print(rich_table(("source", *_CHANGES), _by_source(changes), title="Rows"))
    if settings:
        console.print(rich_table(Setting._fields, settings, title="Policy, scorer, configuration, fates"))
    return None


def _by_source(changes: list[RowChange]) -> list[tuple[str | int, ...]]:
    counts = Counter((change.source, change.change) for change in changes)
    total = Counter(change.change for change in changes)
    sources = sorted({source for source, _ in counts})
    rows: list[tuple[str | int, ...]] = [(s, *(counts[s, change] for change in _CHANGES)) for s in sources]
    return [*rows, ("all", *(total[change] for change in _CHANGES))]

"""What a run leaves for people who watch Prefect: a table of what came of it, and a card with books and bill."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID
from xml.sax.saxutils import escape

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate

from flows.events import give_up_waiting_events
from flows.funnel import books_line, funnel
from flows.prepared import Shown
from flows.rendering import Rows, cell_text, records
from flows.unpublished import keep
from schemas.curation import Curation
from schemas.record import Json
from schemas.run import Run
from warehouse.catalog import query_text
from warehouse.landing import Warehouse
from warehouse.reading import FRUGAL, Snapshot

if TYPE_CHECKING:
    from flows.release import Released
if TYPE_CHECKING:
    from flows.release import Released  # which draws, and a run need not be able to

_ROWS = 40
"""Of a table in a card; the table artifact and the warehouse have all."""
_WIDTH, _LABEL, _HEIGHT = 680, 190, 26
NARROW = "SELECT COLUMNS(lambda name: name NOT SIMILAR TO '.*_q[13]|incorrect|well_formed') FROM ({})"
"""Without what the other tables tell: on a page of 1,280 pixels what is wider lies under the run's details, unreadable
(Prefect 3.8.8, V2). The table artifact has all columns."""
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def publish_run(
    warehouse: Warehouse, shown: Shown, subject: str, run: Run, lines: Sequence[str], flow_run_id: UUID | None
) -> None:
    """Make the artifacts of a run, from the warehouse as it is now.

    Each run adds a version, so that the page of a key is the history of what it shows.
    """
    with Snapshot(warehouse, FRUGAL) as now:
        if shown.traces:
            now.keep("traces_full", query_text(shown.traces), {"plan_id": run.plan_id})
        table = ask(now, shown.table, run.plan_id)
        card = run_card(now, shown, subject, run, lines)
    said = f"Plan `{run.plan_id}`: **{run.ended}**"
    _publish(warehouse, flow_run_id, shown.key, table, said, card, lines)


def publish_curation(warehouse: Warehouse, curation: Curation, flow_run_id: UUID | None) -> None:
    """Show a curation in Prefect: its books and what each rule left."""
    said = f"Curation `{curation.curation_id}`"
    _publish(warehouse, flow_run_id, "funnel", funnel(curation), said, curation_card(curation))


def publish_release(warehouse: Warehouse, released: "Released", flow_run_id: UUID | None) -> None:
    """Show a release in Prefect: where it is, its files, and what the policy left."""
    said = f"Release `{released.made.release.name}`"
    rows = funnel(released.curated.curation)
    _publish(warehouse, flow_run_id, "release", rows, said, release_card(released))


def _publish(
    warehouse: Warehouse,
    flow_run_id: UUID | None,
    key: str,
    table: Rows,
    said: str,
    card: str,
    lines: Sequence[str] = (),
) -> None:
    """Where the server is away, what a flow run leaves is kept for the next run."""
    data = json.dumps(records(*table), default=str)
    artifacts: list[dict[str, Any]] = [
        {"key": key, "type": "table", "description": "\n\n".join([said, *lines]), "data": data},
        {"key": f"{key}-card", "type": "markdown", "description": said, "data": card},
    ]
    left: list[Json] = list(artifacts)
    try:
        with get_client(sync_client=True) as client:
            for artifact in artifacts:
                client.create_artifact(ArtifactCreate(flow_run_id=flow_run_id, **artifact))
                left.remove(artifact)
    except httpx.HTTPError:
        if flow_run_id:
            keep(warehouse, flow_run_id, artifacts=left)
        give_up_waiting_events()


def ask(now: Snapshot, query: str, plan_id: str, form: str = "{}") -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return columns and rows of a shipped query, over a plan where it asks for one."""
    text = form.format(query_text(query))
    return now.ask(text, {"plan_id": plan_id} if "$plan_id" in text else None)


def run_card(now: Snapshot, shown: Shown, subject: str, run: Run, lines: Sequence[str]) -> str:
    """Return one run as Markdown; `lines` are its books and its bill."""
    parts = [f"# {plain(subject)}", f"**{run.ended}**, plan `{run.plan_id}`, run `{run.run_id}`"]
    parts += [plain(run.error)] if run.error else []
    parts += [f"* {plain(line)}" for line in lines]
    if shown.funnel:
        parts.append(funnel_image(ask(now, shown.funnel, run.plan_id)[1]))
    for title, query in shown.sections.items():
        columns, rows = ask(now, query, run.plan_id, NARROW)
        parts += [f"## {title}", table(columns, rows)] if rows else []
    return "\n\n".join(parts)


def curation_card(curation: Curation) -> str:
    """Return one curation as Markdown: its books, what each rule left, and why the rest went."""
    columns, rows = funnel(curation)
    steps = [(step.rule, step.remaining) for step in curation.funnel]
    head = f"# Policy {plain(curation.name)}"
    return "\n\n".join(
        [head, f"* {books_line(curation)}", funnel_image(steps), "## Rule by rule", table(columns, rows)]
    )


def release_card(released: "Released") -> str:
    """Return one release as Markdown: where it is, its files, and what the policy left."""
    release, page = released.made.release, released.report
    again = "" if released.made.is_new else "; it was there already, and stays as it is"
    files = [(file.path, file.rows, file.size, file.sha256[:16]) for file in release.files]
    return "\n\n".join(
        [
            f"# Release {plain(release.name)}",
            f"[{page.name}]({page.absolute().as_uri()}): `{page}`",
            f"content `{release.content_hash}`{again}",
            table(("file", "rows", "bytes", "sha256"), files),
            curation_card(released.curated.curation),
        ]
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return the first rows, in GitHub's form; heads of several words may break."""
    heads = [column.replace("_", " ") for column in columns]
    shown = [heads, ["---"] * len(columns), *(map(_cell, row) for row in rows[:_ROWS])]
    lines = ["| " + " | ".join(text if n == 1 else plain(text) for text in row) + " |" for n, row in enumerate(shown)]
    return "\n".join(lines) + (f"\n\n{len(rows) - _ROWS} more rows" if len(rows) > _ROWS else "")


def _cell(value: Any) -> str:
    return "" if value is None else cell_text(value)


def plain(text: str) -> str:
    """Return `text` as Markdown that shows it and obeys nothing in it."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def funnel_image(steps: Sequence[tuple[str, int]]) -> str:
    """Return a bar for each step, as an image that the text holds itself."""
    most = max((n for _, n in steps), default=0) or 1
    size = f'width="{_WIDTH}" height="{_HEIGHT * len(steps)}"'
    style = 'font-family="sans-serif" font-size="13" fill="#808080"'
    drawn = b64encode(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(_bars(steps, most))}</svg>'.encode()
    ).decode("ascii")
    return f"![{plain(', '.join(f'{step} {n}' for step, n in steps))}](data:image/svg+xml;base64,{drawn})"


def _bars(steps: Sequence[tuple[str, int]], most: int) -> Iterator[str]:
    room = _WIDTH - _LABEL - 80
    for row, (step, n) in enumerate(steps):
        y, width = row * _HEIGHT, max(round(room * n / most), 1)
        label = escape(step.replace("_", " "))
        yield f'<text x="{_LABEL - 10}" y="{y + 17}" text-anchor="end">{label}</text>'
        yield f'<rect x="{_LABEL}" y="{y + 4}" width="{width}" height="{_HEIGHT - 8}" rx="3" fill="#4c78a8"/>'
        yield f'<text x="{_LABEL + width + 8}" y="{y + 17}">{n:,} ({n / most:.0%})</text>'

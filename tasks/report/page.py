"""The page of a release: one HTML file that opens from a disk, asks no network, and runs no script but ours.

The same release over the same rows is the same bytes. Whatever a teacher, a source or a name says is escaped by Jinja2
in the tables and travels as JSON to the browser of traces, which shows it by `textContent`; the content security policy
allows one style sheet and one script, by their hashes, and nothing else.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from schemas.curation import Curation
from schemas.release import Release
from tasks.curation.policy import Policy
from tasks.curation.rules.hygiene import HygieneRule
from tasks.report.answers import CurationAnswers
from tasks.report.inline import embedded, security_policy
from tasks.report.queries import ReportQueries
from tasks.report.sections import Chapters
from tasks.report.tables import number
from tasks.report.traces import sampled_traces

REPORT = "report.html"
_HERE = Path(__file__).parent


class Tile(NamedTuple):
    label: str
    value: str


def report_page(connection: duckdb.DuckDBPyConnection, release: Release, curation: Curation) -> str:
    """Return the report as HTML. `connection` is one to a warehouse, for the queries of `warehouse/queries/report`
    and this page alone.

    Raises `BooksDoNotBalance` where a table does not add up to what the curation planned.
    """
    answers = CurationAnswers(connection, curation.curation_id)
    queries = ReportQueries(release, curation.curation_id)
    facts = queries.of("facts")
    columns, [figures] = answers.ask(facts)
    known = dict(zip(columns, figures, strict=True))
    style, script = (asset(name) for name in ("style.css", "browser.js"))
    hygiene = Policy.model_validate_json(curation.policy).section(HygieneRule)
    traces = sampled_traces(answers, queries, hygiene.finds)
    return _template().render(
        policy=security_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        data=Markup(embedded(traces)),
        release=release,
        curation=curation,
        lead=(
            f"Of {curation.planned:,} planned attempts the policy {curation.name} kept {curation.kept:,} and dropped"
            f" {curation.dropped:,}; {curation.failed:,} failed and {curation.pending:,} are pending."
        ),
        facts=facts,
        tiles=list(_tiles(known)),
        sections=[*Chapters(answers, queries, curation).all()],
        browser={"prose": _prose(len(traces), hygiene.is_on), "sql": queries.of("sampled_traces").sql},
    )


@cache
def _template() -> Template:
    """Compiled once: it takes a tenth of a processor second."""
    made = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["breaking"] = breaking
    return made.get_template("page.html")


def breaking(name: str) -> Markup:
    """Let a name such as `reasoning_gym/letter_counting` that is wider than its column break behind a slash or an
    underscore, and not within a word.
    """
    return Markup(re.sub(r"(?<=[/_])(?=\w)", "<wbr>", escape(name)))


def asset(name: str) -> str:
    """Return a file that stands beside the page."""
    return (_HERE / name).read_text(encoding="utf-8")


def _prose(n: int, is_cleaned: bool) -> str:
    drawn = (
        f"{n:,} traces, drawn by a hash, as evenly as they go over families, fates, verdicts and effects; so their"
        " shares are not those of the release."
    )
    return f"{drawn} Those in which the rule hygiene finds something are left out." if is_cleaned else drawn


def _tiles(known: dict[str, Any]) -> list[Tile]:
    cost = known["cost_usd_per_kept"]
    rate, ifd = known["pass_rate"], known["median_ifd"]
    return [
        Tile("traces kept", f"{known['kept']:,}"),
        Tile("planned attempts", f"{known['planned']:,}"),
        Tile("questions in it", f"{known['questions']:,}"),
        Tile("families in it", f"{known['families']:,}"),
        Tile("correct of verified", "—" if rate is None else f"{rate:.1%}"),
        Tile("with a mistake put right", f"{known['corrected']:,}"),
        Tile("median IFD of the kept", "—" if ifd is None else number("ifd", ifd)),
        Tile("USD per kept trace", "unknown" if cost is None else number("cost_usd_per_kept", cost)),
    ]

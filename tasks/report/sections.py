"""The chapters of the page: which questions stand in each, and what is plotted of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from schemas.curation import Curation
from tasks.report.answers import CurationAnswers
from tasks.report.plots import DROPPED, KEPT, bars_plot, histogram_plot
from tasks.report.queries import BINS, Query, ReportQueries
from tasks.report.tables import Table, shaped

_IFD = (
    "Instruction-following difficulty: how little the question helps the student with the answer, as the ratio of"
    " perplexities with and without it. Near 1 or above, the question does not help."
)
_RIFD = (
    "The same in reverse: how well the student finds the question from the answer. Low values are answers that fit"
    " their question."
)


@dataclass(frozen=True)
class Plot:
    title: str
    views: str
    sql: str
    svg: Markup


@dataclass(frozen=True)
class ReportSection:
    name: str
    title: str
    tables: list[Table]
    plots: list[Plot]


class Chapters:
    """What the warehouse says of one release."""

    def __init__(self, answers: CurationAnswers, queries: ReportQueries, curation: Curation) -> None:
        self._answers, self._queries, self._curation = answers, queries, curation

    def all(self) -> Iterator[ReportSection]:
        """Yield the sections in the order of the page. Raises `BooksDoNotBalance`."""
        yield ReportSection("funnel", "Funnel", self._tables(self._queries.funnel(self._steps())), [*self._funnel()])
        yield self._of("yield", "Yield", "lines", "fates_by_family", "pass_rate_by_family")
        yield self._of("verdicts", "Verdicts", "reasons", "verdicts", "structures")
        yield self._of("reflections", "Reflections", "effects", "each_reflection")
        yield self._spreads("difficulty", "Difficulty", [("ifd", "IFD", _IFD, 3), ("rifd", "r-IFD", _RIFD, 3)])
        lengths = [("characters", "Characters", "", 0), ("completion_tokens", "Completion tokens", "", 0)]
        yield self._spreads("length", "Length", lengths)
        yield self._of("cost", "Cost", "costs")
        doubts = ("contamination", "contamination_evidence", "disputes", "disputed_questions")
        yield self._of("doubts", "Contamination and disputes", *doubts)
        yield from self._taught()
        yield self._of("books", "Books", "books", "pair_books", "files", "policy")

    def _of(self, name: str, title: str, *asked: str) -> ReportSection:
        return ReportSection(name, title, self._tables(map(self._queries.of, asked)), [])

    def _taught(self) -> Iterator[ReportSection]:
        """Nothing of a release that no student has learnt."""
        asked = [*map(self._queries.of, ("experiment_arms", "experiment_seeds"))]
        _, rows = self._answers.ask(asked[0])
        if not rows:
            return
        bars = [(f"{arm} ({experiment})", round(100 * share)) for experiment, arm, share, *_ in rows]
        title = "Held-out questions answered right, in percent"
        plot = Plot(title, asked[0].views, asked[0].sql, bars_plot("plot-arms", title, bars, KEPT))
        yield ReportSection("taught", "What it teaches", self._tables(asked), [plot])

    def _tables(self, asked: Iterable[Query]) -> list[Table]:
        return [shaped(each, *self._answers.ask(each), self._curation.planned) for each in asked]

    def _steps(self) -> list[str]:
        return [step.rule for step in self._curation.funnel]

    def _funnel(self) -> Iterator[Plot]:
        steps = [("planned", self._curation.planned)]
        steps += [(step.rule, step.remaining) for step in self._curation.funnel]
        asked = self._queries.of("funnel_steps")
        title = "What each rule left"
        yield Plot(title, asked.views, asked.sql, bars_plot("funnel", title, steps, KEPT))
        yield from self._bars(self._queries.of("drops"), DROPPED)

    def _bars(self, asked: Query, colour: str) -> Iterator[Plot]:
        """Of a query whose rows are a label and a count."""
        if bars := [(str(label), n) for label, n, *_ in self._answers.ask(asked)[1]]:
            yield Plot(asked.title, asked.views, asked.sql, bars_plot(f"plot-{asked.name}", asked.title, bars, colour))

    def _spreads(self, name: str, title: str, columns: list[tuple[str, str, str, int]]) -> ReportSection:
        """`columns`: name, label, prose and digits of each."""
        asked = [self._queries.spread(column, label, prose, digits) for column, label, prose, digits in columns]
        if name == "difficulty":
            asked += map(self._queries.of, ("scorer", "scored"))
        plots = [self._histogram(column, label) for column, label, _, _ in columns]
        return ReportSection(name, title, self._tables(asked), [plot for plot in plots if plot])

    def _histogram(self, column: str, label: str) -> Plot | None:
        asked = self._queries.of("histogram", f"{label}, kept against dropped", column=column)
        counts = [(low, high, at, kept, dropped) for low, high, at, kept, dropped in self._answers.ask(asked)[1]]
        if not counts:
            return None
        return Plot(asked.title, asked.views, asked.sql, histogram_plot(f"plot-{column}", label, counts, BINS))

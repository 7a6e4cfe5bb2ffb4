"""What the page asks the warehouse, as the SQL that stands under each table: paste it into `reflectory sql`.

The SQL is in `warehouse/queries/report/`, by the name of the table. Pure but for reading those files.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from warehouse.catalog import query_text

FATES = ("kept", "dropped", "failed", "pending")
BINS = 24
LEVELS = ("lowest", "q10", "q25", "median", "q75", "q90", "highest")
"""The columns that hold quantiles."""
LISTED = 50
"""Rows at most of a table that lists cases."""
SAMPLED = 300
"""Traces at most that the page shows in full."""

Parameters = Mapping[str, str | int]
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Query:
    """One table of the page."""

    name: str
    title: str
    views: str
    """Those that its SQL reads, for the line above it."""
    statement: str
    """SQL with the names of `parameters`, each after a `$`."""
    prose: str = ""
    empty: str = "None."
    """What the page says instead of a table without rows."""
    parameters: Parameters = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The statement as a reader pastes it: its parameters as literals."""
        return _PARAMETER.sub(lambda named: _literal(self.parameters[named[1]]), self.statement)


class CurationQueries:
    """The queries about one curation."""

    def __init__(self, curation_id: str) -> None:
        self._curation_id = curation_id

    def facts(self) -> Query:
        """Return the one row of figures that the page begins with."""
        return self._full("facts", "In short")

    def funnel(self, rules: Sequence[str]) -> Iterator[Query]:
        """Yield the funnel as stored and by family; `rules` are its steps, in order."""
        yield self._about(
            "funnel_steps",
            "Rule by rule",
            "curations",
            "As it was stored when the policy decided. The first step is what it began with: every trace with a"
            " verdict.",
        )
        steps = ", ".join(f"max(n) FILTER (place = {n}) AS {_identifier(rule)}" for n, rule in enumerate(rules, 1))
        yield self._about(
            "funnel_by_family",
            "By family",
            "curations",
            "How many of each family remain after each rule.",
            names={"steps": steps or "NULL AS nothing"},
        )

    def by_family(self) -> Iterator[Query]:
        """Yield what became of the attempts of each family."""
        yield self._full("lines", "Traces and pairs", "The share of each line among the rows that were kept.")
        yield self._full(
            "fates_by_family",
            "Yield by family",
            "What became of every planned attempt. Every row, and the table, adds up to what was planned.",
        )
        yield self._full(
            "pass_rate_by_family",
            "Pass rate by family",
            "Correct over verified. What no verifier could decide is unverified, never quietly wrong.",
        )

    def why(self) -> Iterator[Query]:
        """Yield the reasons, verdicts and structures by fate."""
        yield self._full(
            "reasons",
            "Why each attempt is in or not",
            "The rule of the policy that dropped it and its reason; how an attempt failed, or what it waits for.",
        )
        yield self._full("verdicts", "Verdicts and their reasons")
        yield self._full("structures", "Structure", "Well formed, or the first defect that the tag grammar finds.")

    def drops(self) -> Query:
        """Return the most frequent reasons for which traces were dropped."""
        return self._full("drops", "Why the most were dropped")

    def effects(self) -> Iterator[Query]:
        """Yield what reflecting did, by trace and by reflection."""
        yield self._full(
            "effects",
            "What reflecting did",
            "From the first draft to the final answer, both judged by the same verifier: corrected (wrong, then"
            " right), confirmed, harmed, missed; none where there was no draft to compare.",
        )
        yield self._full(
            "each_reflection",
            "Reflection by reflection",
            "Each one by the draft before it and the draft or answer after it. Decorative ones re-check nothing.",
            "No trace has a reflection.",
        )

    def spread(self, column: str, title: str, prose: str, digits: int) -> Query:
        """Return quantiles of a column by fate; without `digits` they are whole numbers."""
        text = query_text("report/spread_score" if digits else "report/spread_count", column=column)
        return Query(f"spread_{column}", title, "decided_full", text, prose, parameters=self._parameters(text))

    def histogram(self, column: str, title: str) -> Query:
        """Return kept and dropped in bins from the 0.5 % to the 99.5 % quantile; the end bins hold what is beyond."""
        return self._full("histogram", title, names={"column": column})

    def scored(self) -> Query:
        """Return which student was asked, and why a trace has no IFD."""
        return self._full("scored", "Scored by", "The student that was asked, and why a trace has no IFD.")

    def scorer(self) -> Query:
        """Return whose scores the rules saw, with everything that they depend on."""
        return self._about(
            "scorer",
            "The scorer",
            "curations",
            "Whose IFD and r-IFD the policy went by, written down with the curation: a rescore changes none of them.",
            "None was written down: nobody had scored.",
        )

    def costs(self) -> Query:
        """Return what the calls have cost, in USD."""
        return self._full(
            "costs",
            "Cost by teacher and family",
            "In USD: what the teacher's calls have cost, with those of traces that were dropped and attempts that"
            " failed. Unknown where the endpoint or the configuration names no price; 0 for the practice teacher and"
            " recordings.",
        )

    def contamination(self) -> Iterator[Query]:
        """Yield what the detectors found, and the evidence."""
        yield self._about(
            "contamination",
            "Contamination",
            "decided_full, newest_contaminations",
            "What the detectors of every check so far found of the attempts' questions. The policy below names the"
            " benchmarks that decided; without any, nothing was looked for.",
        )
        yield self._about(
            "contamination_evidence",
            "The evidence",
            "newest_contaminations, questions, recycled_full",
            "Convicted, undecided and borderline questions beside the benchmark item that comes nearest; at most"
            f" {LISTED}. The view borderline_contaminations lists what is worth a look.",
            "No question is convicted, undecided or borderline.",
        )

    def disputes(self) -> Iterator[Query]:
        """Yield how many attempts are in dispute, and the disputed questions."""
        yield self._about(
            "disputes",
            "Disputed labels",
            "decided_full, disputes, newest_rulings",
            "A question is in dispute when its samples agree with each other and not with the gold. Its traces are"
            " unverified until a person rules.",
        )
        yield self._about(
            "disputed_questions",
            "The disputes",
            "disputes",
            f"The clearest first; at most {LISTED}.",
            "No question is in dispute.",
        )

    def books(self) -> Query:
        """Return the books of every plan of the curation."""
        return self._about(
            "books",
            "The books",
            "books",
            "Plan by plan, each number counted by a query of its own, so that a lost or doubled row shows.",
        )

    def pair_books(self) -> Query:
        """Return the books of every recycle plan of the curation."""
        return self._about(
            "pair_books",
            "The books of recycling",
            "pair_books, recycled_full",
            "What selection made of the originals, before any rule of the policy.",
            "No pairs were decided on.",
        )

    def policy(self) -> Query:
        """Return the policy as it was stored."""
        return self._about(
            "policy",
            "The policy",
            "curations",
            "All of it: whoever curates the same rows by it, anywhere, gets the same release.",
        )

    def sampled_traces(self) -> Query:
        """Return at most `SAMPLED` traces, as many of each family, fate, verdict and effect as there is room for.

        Whoever looks for what is rare finds it. Which ones, the hash of curation and trace decides. A mistake put right
        comes first.
        """
        return self._about("sampled_traces", "Traces", "decided_full, newest_traces, questions")

    def _full(
        self, name: str, title: str, prose: str = "", empty: str = "None.", names: Mapping[str, str] | None = None
    ) -> Query:
        return self._about(name, title, "decided_full", prose, empty, names)

    def _about(
        self,
        name: str,
        title: str,
        views: str,
        prose: str = "",
        empty: str = "None.",
        names: Mapping[str, str] | None = None,
    ) -> Query:
        text = query_text(f"report/{name}", **(names or {}))
        return Query(name, title, views, text, prose, empty, self._parameters(text))

    def _parameters(self, text: str) -> Parameters:
        """Only those that the text names: DuckDB refuses others."""
        known: dict[str, str | int] = {"curation_id": self._curation_id, "listed": LISTED, "sampled": SAMPLED}
        known |= {"bins": BINS, "last_bin": BINS - 1}
        return {name: known[name] for name in _PARAMETER.findall(text)}


def files(release_name: str) -> Query:
    """Return the files of a release."""
    return Query(
        "files",
        "Files",
        "releases",
        query_text("report/files"),
        "The content of the release. This page and manifest.json lie beside it and are not part of its hash.",
        parameters={"release_name": release_name},
    )


def experiments(release_content: str) -> Iterator[Query]:
    """Yield what students made of a release: by arm, and by seed."""
    for name, title, prose in (
        (
            "experiment_arms",
            "By arm",
            "Students that began alike and learnt the rows of one arm each, in the same number of steps: the share of"
            " held-out questions that their greedy answers get right, by the factory's own verifiers. Rows that copy a"
            " held-out question were left out. `evaluations` has every answer.",
        ),
        ("experiment_seeds", "By seed", "Seeds differ: one alone shows little."),
    ):
        text = query_text(f"report/{name}")
        yield Query(name, title, "experiments", text, prose, parameters={"release_content": release_content})


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

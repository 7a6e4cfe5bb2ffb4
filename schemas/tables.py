"""The tables of the warehouse: which record each holds and which column keys it."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.record import Record

_RECORDS = {
    "questions": "question.Question",
    "draws": "question.Drawn",
    "attempts": "attempt.Attempt",
    "calls": "call.Call",
    "traces": "trace.Trace",
    "failures": "failure.Failure",
    "verdicts": "verdict.Verdict",
    "scores": "score.Score",
    "originals": "pair.Original",
    "pairs": "pair.Pair",
    "selections": "pair.Selected",
    "rejected_rows": "exchange.RejectedRow",
    "rulings": "ruling.GoldRuling",
    "contaminations": "contamination.Contamination",
    "signatures": "signature.Signature",
    "curations": "curation.Curation",
    "decisions": "curation.Decision",
    "releases": "release.Release",
    "runs": "run.Run",
    "experiments": "experiment.Experiment",
    "evaluations": "experiment.Evaluation",
}
"""By table, a class of this package."""


class _Tables(Mapping[str, "type[Record]"]):
    """The record of each table, imported when it is asked for: most commands ask for few, a query for none."""

    def __getitem__(self, table: str) -> "type[Record]":
        module, _, name = _RECORDS[table].partition(".")
        record: type[Record] = getattr(import_module(f"schemas.{module}"), name)
        return record

    def __iter__(self) -> Iterator[str]:
        return iter(_RECORDS)

    def __len__(self) -> int:
        return len(_RECORDS)


TABLES = _Tables()


def table_of(record: "type[Record]") -> str:
    """Return the table that holds the record. Raises `StopIteration` for one that none holds."""
    held = f"{record.__module__.rpartition('.')[2]}.{record.__name__}"
    return next(table for table, each in _RECORDS.items() if each == held)


KEYS: dict[str, tuple[str, ...]] = {
    "questions": ("question_id",),
    "draws": ("draw_id", "question_id"),
    "attempts": ("plan_id", "attempt_id"),
    "calls": ("call_id",),
    "traces": ("trace_id",),
    "failures": ("attempt_id",),
    "verdicts": ("verdict_id",),
    "scores": ("score_id",),
    "originals": ("plan_id", "original_id"),
    "pairs": ("plan_id", "pair_id"),
    "selections": ("plan_id", "original_id"),
    "rejected_rows": ("rejected_id",),
    "rulings": ("ruling_id",),
    "contaminations": ("contamination_id",),
    "signatures": ("method", "trace_id"),
    "curations": ("curation_id",),
    "decisions": ("curation_id", "attempt_id"),
    "releases": ("release_id",),
    "runs": ("run_id",),
    "experiments": ("case_id",),
    "evaluations": ("evaluation_id",),
}

VOLATILE: dict[str, tuple[str, ...]] = {
    "calls": ("latency_s", "tries"),
    "verdicts": ("duration_s",),
    "curations": ("table_versions",),
    "experiments": ("train_s", "tokens_per_s", "peak_mib", "answer_s"),
}
"""Columns that may differ between two undisturbed runs (times and what timing decides): not in a row hash."""

LATER: dict[str, tuple[str, ...]] = {
    "calls": ("extra_body",),
    "curations": ("scorer",),
    "decisions": ("line", "span"),
    "scores": ("template_adds",),
}
"""Columns that older rows do not have, never a table's first: not in a row hash where they are NULL."""

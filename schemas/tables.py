"""The tables of the warehouse: which record each holds and which column keys it."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.record import Record

_RECORDS = {
    "questions": ("question.Question", "question_id"),
    "draws": ("question.Drawn", "draw_id", "question_id"),
    "attempts": ("attempt.Attempt", "plan_id", "attempt_id"),
    "calls": ("call.Call", "call_id"),
    "traces": ("trace.Trace", "trace_id"),
    "failures": ("failure.Failure", "attempt_id"),
    "verdicts": ("verdict.Verdict", "verdict_id"),
    "scores": ("score.Score", "score_id"),
    "originals": ("pair.Original", "plan_id", "original_id"),
    "pairs": ("pair.Pair", "plan_id", "pair_id"),
    "selections": ("pair.Selected", "plan_id", "original_id"),
    "rejected_rows": ("exchange.RejectedRow", "rejected_id"),
    "rulings": ("ruling.GoldRuling", "ruling_id"),
    "contaminations": ("contamination.Contamination", "contamination_id"),
    "signatures": ("signature.Signature", "method", "trace_id"),
    "curations": ("curation.Curation", "curation_id"),
    "decisions": ("curation.Decision", "curation_id", "attempt_id"),
    "releases": ("release.Release", "release_id"),
    "runs": ("run.Run", "run_id"),
    "experiments": ("experiment.Experiment", "case_id"),
    "evaluations": ("experiment.Evaluation", "evaluation_id"),
}
"""By table, a class of this package and the columns that key it."""


class _Tables(Mapping[str, "type[Record]"]):
    """The record of each table, imported when it is asked for: most commands ask for few, a query for none."""

    def __getitem__(self, table: str) -> "type[Record]":
        module, _, name = _RECORDS[table][0].partition(".")
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
    return next(table for table, each in _RECORDS.items() if each[0] == held)


KEYS = {table: tuple(keys) for table, (_, *keys) in _RECORDS.items()}

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

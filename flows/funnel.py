"""A curation for a person: rule by rule what remained and why the rest went, by family, and its books."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.rendering import Rows
from schemas.curation import Curation, FunnelStep

if TYPE_CHECKING:  # a run shows a funnel, too, and needs no rule of a curation
    from tasks.curation.top_up import Need


def funnel(curation: Curation) -> Rows:
    """Return one row for each step."""
    columns = ("rule", "dropped", "remaining", "reasons")
    return columns, [(step.rule, _dropped(step), step.remaining, _reasons(step)) for step in curation.funnel]


def funnel_by_source(curation: Curation) -> Rows:
    """Return one row for each family: how many of its rows each step left."""
    steps = curation.funnel
    sources = [count.source for count in steps[0].by_source]
    left = zip(*([count.n for count in step.by_source] for step in steps), strict=True)
    return ("source", *(step.rule for step in steps)), [(s, *n) for s, n in zip(sources, left, strict=True)]


def books_line(curation: Curation) -> str:
    return (
        f"books: planned {curation.planned} = kept {curation.kept} + dropped {curation.dropped}"
        f" + failed {curation.failed} + pending {curation.pending}"
    )


def needs_table(needs: "Sequence[Need]") -> Rows:
    """Return one row for each bucket; the number of questions is NULL where nothing was accepted yet to go by."""
    columns = ("bucket", "questions", "accepted", "pending", "rate", "wanted", "more questions")
    rate = [None if need.rate is None else round(need.rate, 4) for need in needs]
    return columns, [
        (n.bucket, n.questions, n.accepted, n.pending, r, n.wanted, n.more_questions)
        for n, r in zip(needs, rate, strict=True)
    ]


def _dropped(step: FunnelStep) -> int:
    return sum(count.n for count in step.dropped)


def _reasons(step: FunnelStep) -> str:
    return ", ".join(f"{count.reason} {count.n}" for count in step.dropped)

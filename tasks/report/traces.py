"""The traces that the page shows in full: a sample drawn by hash, each cut into pieces of one colour. Pure but for
the answers that it asks for."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from schemas.release_rows import Judged
from schemas.trace import DraftAnswer, Span, Structure
from tasks.parsing.grammar import TAG, parse
from tasks.publishing.spans import masked_spans
from tasks.report.answers import CurationAnswers
from tasks.report.queries import ReportQueries

_LONGEST = 16_000
"""Characters of a trace that the page shows; the page stays within some megabytes."""
_LONGEST_ASIDE = 4_000
"""Of a question, an answer or evidence."""


class Piece(NamedTuple):
    kind: str
    """`thinking`, `reflection`, `output`, `tag`, or `text` outside all of them."""
    marks: str
    """`d`: inside a draft answer; `u`: nothing that a trainer learns from."""
    text: str


def sampled_traces(
    answers: CurationAnswers, queries: ReportQueries, is_unclean: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """Return what the page needs of each, as JSON values. Of those that are not kept none whose text, or question,
    `is_unclean`: the page lies beside the release, and goes where it goes."""
    rows = answers.records(queries.of("sampled_traces"))
    return [
        shown(row)
        for row in rows
        if row["fate"] == "kept" or not (is_unclean(row["text"]) or is_unclean(row["question"] or ""))
    ]


def pieces(text: str, finish_reason: str | None, drafts: Iterable[Span], masked: Iterable[Span]) -> list[Piece]:
    """Return the first characters of `text`, as many as are shown, cut wherever their colour or marks change."""
    parsed = parse(text, finish_reason)
    shown = text[:_LONGEST]
    kinds, marks = ["text"] * len(shown), [""] * len(shown)
    tags = [Span(start=tag.start(), end=tag.end()) for tag in TAG.finditer(shown)]
    coloured: list[tuple[str, Span | None]] = [("thinking", parsed.thinking), ("output", parsed.output)]
    coloured += [("reflection", reflection) for reflection in parsed.reflections] + [("tag", tag) for tag in tags]
    for kind, span in coloured:
        if span:
            kinds[span.start : span.end] = [kind] * len(shown[span.start : span.end])
    for mark, spans in (("d", drafts), ("u", masked)):
        for each in spans:
            marks[each.start : each.end] = [known + mark for known in marks[each.start : each.end]]
    runs = groupby(zip(kinds, marks, shown, strict=True), key=itemgetter(0, 1))
    return [Piece(kind, mark, "".join(character for _, _, character in run)) for (kind, mark), run in runs]


def hidden(text: str) -> int:
    """Return how many characters of `text` are not shown."""
    return max(0, len(text) - _LONGEST)


def masked_of(learnt: Iterable[Sequence[int]]) -> list[Span]:
    """Return what is left between training spans, each a start and an end, and behind the last."""
    edges = [0, *(edge for span in learnt for edge in span), _LONGEST]
    return [Span(start=a, end=b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a page needs of a row of the query `sampled_traces`, as JSON values."""
    row = row | {"reason": row["verdict_reason"], "instruction": row["question"], "input": ""}
    row |= {name: row[name] or [] for name in ("tags", "reflection_effects", "reflection_marks")}
    row |= {"structure": row["structure"] or Structure.UNTAGGED, "teacher": row["teacher"] or "none"}
    judged = Judged.model_validate({name: row[name] for name in Judged.model_fields})
    drafts = [DraftAnswer.model_validate(draft) for draft in row["draft_answers"] if draft]
    cut = pieces(row["text"], row["finish_reason"], drafts, masked_spans(judged) if row["fate"] == "kept" else ())
    return {
        "id": row["trace_id"],
        "family": row["source"],
        "teacher": row["teacher"],
        "sample": row["sample_index"],
        "question": _short(row["question"]),
        "gold": _short(row["gold"]),
        "answer": _short(row["answer"]),
        "verdict": row["verdict"],
        "reason": row["reason"],
        "evidence": _short(row["evidence"]),
        "effect": row["effect"] or row["effect_reason"],
        "effects": row["reflection_effects"],
        "marks": row["reflection_marks"],
        "fate": row["fate"],
        "why": _why(row),
        "structure": row["structure"],
        "ifd": _rounded(row["ifd"]),
        "rifd": _rounded(row["rifd"]),
        "pieces": cut,
        "hidden": hidden(row["text"]),
    }


def _why(row: dict[str, Any]) -> str | None:
    if not row["rule"]:
        return str(row["fate_reason"]) if row["fate_reason"] else None
    return f"{row['rule']}: {row['fate_reason']}" + (f" in {row['fate_span']}" if row["fate_span"] else "")


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_ASIDE else text[:_LONGEST_ASIDE] + " …"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

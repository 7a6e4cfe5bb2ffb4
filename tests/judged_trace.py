"""A judged trace as a release reads it, for tests."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from schemas.curation import Line
from schemas.release_format import ReleaseFormat
from schemas.release_rows import Judged
from schemas.verdict import Effect
from tasks.parsing.grammar import parse
from tasks.publishing.conversations import JUDGED, TRACE_FORMS, KeptBatch

SYSTEM = "Think in <thinking>, check in <reflection>, and answer in <output>."


def judged(
    text: str,
    effects: Sequence[Effect | None] = (),
    effect: Effect | None = None,
    verdict: str = "correct",
    **more: object,
) -> Judged:
    """By the grammar of the factory; `more` are columns that matter to the test."""
    parsed = parse(text)
    made = Judged(
        line=Line.TRACES,
        trace_id="t",
        question_id="q",
        source="s",
        licence=None,
        tags=(),
        question="Is <reflection> a tag?",
        instruction="Is <reflection> a tag?",
        input="",
        gold=None,
        system=SYSTEM,
        text=text,
        structure=parsed.structure,
        reflections=parsed.reflections,
        answer=None,
        verdict=verdict,
        reason="equal",
        effect=effect,
        reflection_effects=tuple(effects),
        ifd=None,
        rifd=None,
        teacher="m",
        rank=0,
    )
    return Judged.model_validate({**made.model_dump(), **more})


def columns(traces: Sequence[Judged]) -> pa.RecordBatch:
    """As a release reads the kept ones."""
    return pa.RecordBatch.from_pylist([trace.model_dump(mode="json") for trace in traces], JUDGED)


def rows_of(form: ReleaseFormat, traces: Sequence[Judged], system: str = "teacher") -> list[dict[str, Any]]:
    """What a release writes of them."""
    rows: list[dict[str, Any]] = TRACE_FORMS[form](KeptBatch(columns(traces), system)).to_pylist()
    return rows

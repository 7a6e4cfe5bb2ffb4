"""A judged trace as a release reads it, for tests."""

from collections.abc import Sequence

from schemas.curation import Line
from schemas.release_rows import Judged
from schemas.verdict import Effect
from tasks.parsing.grammar import parse

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

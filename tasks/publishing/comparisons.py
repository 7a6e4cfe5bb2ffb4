"""Rows that compare the samples of a question: preferences, labels, and the best of n. Pure.

All take the judged traces of one question, correct or incorrect, whatever became of them: those that the release keeps
have a rank.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from schemas.record import content_key
from schemas.release_format import ReleaseFormat
from schemas.release_rows import (
    BestRow,
    ComparedRow,
    Judged,
    LabelledChatRow,
    LabelledRow,
    PreferenceChatRow,
    PreferenceReason,
    PreferenceRow,
)
from schemas.trace import Structure
from schemas.verdict import Effect, Ruling
from tasks.publishing.conversations import prompt, said

Samples = Sequence[Judged]
BEST = "correct and kept; of these the highest IFD, then the first of the seeded sample"
"""The rule by which a sample is the best one."""
_WHOLE = (Structure.OK, Structure.UNTAGGED)


def preference_rows(samples: Samples, system: str, n: int | None = None) -> Iterator[PreferenceRow]:
    """Yield pairs of a correct trace that is kept over an incorrect one.

    The best ranked is paired with the first incorrect one by trace_id, the next with the next, but those that correct
    themselves with those that their reflection harmed before all others. No trace is in two pairs, so that a question
    with many samples does not outweigh the others. The two have the same prompt and structure: what they differ in is
    being right, not form.
    """
    by_form: dict[tuple[Any, ...], list[Judged]] = {}
    for trace in _consistent(samples):
        by_form.setdefault((trace.structure, prompt(trace, system)), []).append(trace)
    for alike in by_form.values():
        right = sorted(filter(_is_right, alike), key=lambda trace: trace.rank or 0)
        wrong = sorted(filter(_is_wrong, alike), key=lambda trace: trace.trace_id)
        corrected = [trace for trace in right if trace.effect == Effect.CORRECTED]
        harmed = [trace for trace in wrong if trace.effect == Effect.HARMED]
        first = list(zip(corrected, harmed, strict=False))
        used = {trace.trace_id for pair in first for trace in pair}
        left = ([trace for trace in side if trace.trace_id not in used] for side in (right, wrong))
        for chosen, rejected in first:
            yield _preference(chosen, rejected, PreferenceReason.CORRECTED_OVER_HARMED, system)
        for chosen, rejected in zip(*left, strict=False):
            yield _preference(chosen, rejected, PreferenceReason.CORRECT_OVER_INCORRECT, system)


def labelled_rows(samples: Samples, system: str, n: int | None = None) -> Iterator[LabelledRow]:
    """Kept correct traces with the label True; incorrect ones with False, but for those whose form has a defect."""
    for trace in _consistent(samples):
        if _is_right(trace) or (_is_wrong(trace) and trace.structure in _WHOLE):
            yield LabelledRow(
                prompt=prompt(trace, system), completion=(said(trace),), label=_is_right(trace), **_named(trace)
            )


def preference_chat_rows(samples: Samples, system: str, n: int | None = None) -> Iterator[PreferenceChatRow]:
    """Yield the rows of `preference_rows`, each answer a message of its own."""
    for row in preference_rows(samples, system):
        yield PreferenceChatRow(
            preference_id=row.preference_id,
            question_id=row.question_id,
            messages=row.prompt,
            chosen=row.chosen[0],
            rejected=row.rejected[0],
        )


def labelled_chat_rows(samples: Samples, system: str, n: int | None = None) -> Iterator[LabelledChatRow]:
    """Yield the rows of `labelled_rows`, each a conversation."""
    for row in labelled_rows(samples, system):
        yield LabelledChatRow(
            trace_id=row.trace_id,
            question_id=row.question_id,
            messages=(*row.prompt, *row.completion),
            label=row.label,
        )


def best_rows(samples: Samples, system: str, n: int | None = None) -> Iterator[BestRow]:
    """Yield the best by `BEST` of the first `n` samples by trace_id, which is a hash; none where there are fewer than
    `n`, or than two, or where none is right.
    """
    drawn = sorted(samples, key=lambda trace: trace.trace_id)[:n]
    right = sorted(filter(_is_right, drawn), key=lambda trace: (-(trace.ifd or 0), trace.rank or 0))
    if right and len(drawn) >= (n or 2):
        n_correct = sum(trace.verdict == Ruling.CORRECT for trace in drawn)
        yield BestRow(
            prompt=prompt(right[0], system),
            completion=(said(right[0]),),
            n=len(drawn),
            n_correct=n_correct,
            ifd=right[0].ifd,
            **_named(right[0]),
        )


QUESTION_FORMS: Mapping[ReleaseFormat, Callable[[Samples, str, int | None], Iterator[ComparedRow]]] = MappingProxyType(
    {
        ReleaseFormat.DPO: preference_rows,
        ReleaseFormat.KTO: labelled_rows,
        ReleaseFormat.CHAT_DPO: preference_chat_rows,
        ReleaseFormat.CHAT_KTO: labelled_chat_rows,
        ReleaseFormat.BEST_OF_N: best_rows,
    }
)
"""From the judged samples of a question."""


def _consistent(samples: Samples) -> list[Judged]:
    """Without the incorrect ones that say what one that is right says: a model that judges may contradict itself."""
    right = {trace.text for trace in samples if _is_right(trace)}
    return [trace for trace in samples if not (_is_wrong(trace) and trace.text in right)]


def _is_right(trace: Judged) -> bool:
    return trace.verdict == Ruling.CORRECT and trace.rank is not None


def _is_wrong(trace: Judged) -> bool:
    return trace.verdict == Ruling.INCORRECT


def _named(trace: Judged) -> dict[str, str]:
    return {name: getattr(trace, name) for name in ("trace_id", "question_id", "source")}


def _preference(chosen: Judged, rejected: Judged, contrast: PreferenceReason, system: str) -> PreferenceRow:
    return PreferenceRow(
        preference_id=content_key("preference", chosen.trace_id, rejected.trace_id),
        contrast=contrast,
        prompt=prompt(chosen, system),
        chosen=(said(chosen),),
        rejected=(said(rejected),),
        question_id=chosen.question_id,
        source=chosen.source,
        licence=chosen.licence,
        chosen_id=chosen.trace_id,
        rejected_id=rejected.trace_id,
    )

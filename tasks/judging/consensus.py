"""Kind `consensus`: without a gold, what most of the independent samples of a question answer."""

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field

from schemas.record import Record
from schemas.verdict import Judgement, Reason, Ruling
from tasks.extraction.answer import find_answer
from tasks.extraction.refusal import refuses

MIN_SAMPLES = 3
MIN_SHARE = 2 / 3
EVIDENCE_CHARACTERS = 60
"""Of an answer that the evidence repeats."""
_ROUNDING = 1e-9


class Consensus(Record):
    """The spec of a question of this kind."""

    samples: Annotated[tuple[str | None, ...], Field(max_length=1000)] = ()
    """Responses of the same teacher or of others, without the one that is judged. A null is one without an answer."""
    min_samples: Annotated[int, Field(ge=1)] = MIN_SAMPLES
    """Samples that state an answer, at least."""
    min_share: Annotated[float, Field(gt=0, le=1)] = MIN_SHARE
    """Of all samples, also those without an answer, that the majority must have."""
    answer_pattern: str | None = None


def find_answers(samples: Sequence[str | None], pattern: str | None = None) -> list[str | None]:
    """Return the answer of each sample. With a user's pattern, which may take exponential time, call it where it can be
    killed. A refusal is none.
    """
    found = [find_answer(sample, pattern) if sample else None for sample in samples]
    return [stated.answer if stated and not refuses(stated.answer) else None for stated in found]


class Majority(NamedTuple):
    answers: list[str]
    """Those that are the same, as each sample spells it; empty where no majority is clear."""
    reason: Reason
    evidence: str


def find_majority(
    sampled: Sequence[str | None], min_samples: int, min_share: float, compare: Callable[[str, str], Reason]
) -> Majority:
    """Return what most of `sampled` answer. `min_share` is of all of them, also of those without an answer."""
    stated = [text for text in sampled if text is not None and text.strip()]
    if not stated or len(stated) < min_samples:
        return Majority([], Reason.TOO_FEW_SAMPLES, f"{len(stated)} samples, not {min_samples}")
    groups: list[list[str]] = []
    for text in stated:
        same = next((group for group in groups if compare(group[0], text).ruling is Ruling.CORRECT), None)
        if same is None:
            groups.append([text])
        else:
            same.append(text)
    first, second = (*sorted(groups, key=len, reverse=True), [])[:2]
    evidence = f"{len(first)} of {len(sampled)} say {first[0][:EVIDENCE_CHARACTERS]}; next {len(second)}"
    clear = len(first) > len(second) and len(first) / len(sampled) + _ROUNDING >= min_share
    return Majority(first, Reason.MAJORITY, evidence) if clear else Majority([], Reason.NO_MAJORITY, evidence)


def judge_consensus(
    answer: str, sampled: Sequence[str | None], asked: Consensus, compare: Callable[[str, str], Reason]
) -> Judgement:
    """Judge `answer` against the answer of a clear majority of `sampled`.

    `compare` says of two answers whether they are the same; what it leaves open counts as another answer, and leaves
    the verdict open where it concerns the majority. A tie is no majority.
    """
    found = find_majority(sampled, asked.min_samples, asked.min_share, compare)
    if not found.answers:
        return Judgement.of(found.reason, answer, found.evidence)
    ruling = compare(found.answers[0], answer).ruling
    reasons = {Ruling.CORRECT: Reason.MAJORITY, Ruling.INCORRECT: Reason.MINORITY}
    return Judgement.of(reasons.get(ruling, Reason.UNDECIDED), answer, found.evidence)

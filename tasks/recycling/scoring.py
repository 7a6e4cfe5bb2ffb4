"""Pairs to scores, by a student that is there."""

from collections.abc import Sequence

from schemas.score import Score
from tasks.scoring.score import Scorer, score_text

Text = tuple[str, str, str, str]
"""A pair_id, its instruction, input and response."""


def score_pairs(student: Scorer, jobs: Sequence[Text]) -> list[Score]:
    """One score for each, in order."""
    return [score_text(student, *job) for job in jobs]

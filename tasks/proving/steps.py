"""How long an arm learns."""

from math import ceil

from schemas.proving import Training


def steps_of(settings: Training, n_rows: int) -> int:
    """Optimiser's steps of every arm, where the release has so many rows."""
    return settings.steps or max(1, ceil(settings.epochs * n_rows / settings.batch))

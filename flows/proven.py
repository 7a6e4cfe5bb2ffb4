"""What an experiment on a release came to."""

from dataclasses import dataclass

from schemas.experiment import Evaluation
from tasks.proving.experiment import ExperimentPlan
from tasks.proving.outcome import ExperimentOutcome


@dataclass(frozen=True)
class Proven:
    experiment: ExperimentPlan
    outcome: ExperimentOutcome
    evaluations: tuple[Evaluation, ...]
    differs: tuple[str, ...] | None = None
    """Of a rerun: the arms with seeds that answered otherwise than the first time; None of a first run."""

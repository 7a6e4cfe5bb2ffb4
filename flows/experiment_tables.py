"""An experiment for a person: its arms as a table, what they are ahead by, and the line on a release's card."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasks.proving.outcome import ExperimentOutcome, compared_with

if TYPE_CHECKING:
    from flows.proven import Proven


def arms_table(outcome: ExperimentOutcome) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return columns and rows: accuracy of every arm by seed, and what its answers are like."""
    seeds = list(outcome.arms[0].by_seed) if outcome.arms else []
    ks = list(outcome.arms[0].pass_at) if outcome.arms else []
    columns = ["arm", "accuracy", "low", "high", *(f"seed {seed}" for seed in seeds), *(f"pass@{k}" for k in ks)]
    rows = [
        (
            *(each.arm, each.level.value, each.level.low, each.level.high),
            *(each.by_seed[seed] for seed in seeds),
            *(each.pass_at[k] for k in ks),
            *(each.well_formed, each.corrected, each.harmed, each.tokens),
        )
        for each in outcome.arms
    ]
    return [*columns, "well formed", "corrected", "harmed", "tokens"], rows


def lift_lines(proven: "Proven") -> list[str]:
    """Return what each arm is ahead of another by, with the size of one that was drawn."""
    outcome, sizes = proven.outcome, _sizes(proven)
    lifts = [f"{each.arm} over {each.than}, {sizes[each.than]}: {each.interval.points}" for each in outcome.lifts]
    return lifts + [f"{each.arm} over {each.than}: {each.interval.points}" for each in outcome.gains]


def _sizes(proven: "Proven") -> dict[str, str]:
    """The size of each arm beside the release's; a pool may have fewer rows than were to be drawn of it."""
    own, _ = compared_with(proven.experiment.configuration)
    rows = {case.arm: case.n_rows for case in proven.experiment.planned}
    return {arm: "of equal size" if n == rows[own] else f"of {n:,} rows for {rows[own]:,}" for arm, n in rows.items()}


def hypothesis_lines(outcome: ExperimentOutcome) -> list[str]:
    return [str(each) for each in outcome.tested]


def card_line(proven: "Proven") -> str:
    """Return, as Markdown, the lift over random draws of equal size, with what it rests on."""
    experiment, outcome = proven.experiment, proven.outcome
    own, _ = compared_with(experiment.configuration)
    case = next(case for case in experiment.planned if case.arm == own)
    rests = (
        f"n = {len(experiment.questions)}, seeds {_joined(experiment.configuration.seeds)}, {case.n_rows:,} rows,"
        f" student {experiment.configuration.student.model.rpartition('/')[2]}, {case.steps} steps,"
        f" experiment `{experiment.experiment_id[:12]}`"
    )
    sizes = _sizes(proven)
    lifts = [f"lift over {each.than} {sizes[each.than]}: {each.interval.points}" for each in outcome.lifts]
    levels = {each.arm: each.level for each in outcome.arms}
    said = lifts or [f"accuracy {levels[own].value:.1%} [{levels[own].low:.1%}, {levels[own].high:.1%}]"]
    return f"- {'; '.join(said)}; {rests}"


def _joined(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))

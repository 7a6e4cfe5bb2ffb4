"""What came of an experiment: each arm by seed, what it is ahead by, and the hypotheses beside that. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from schemas.experiment import Evaluation
from schemas.proving import Arm, Hypothesis, Pool, ProveConfiguration
from schemas.trace import Structure
from schemas.verdict import Effect, Ruling
from tasks.proving.lift import Interval, Scores, accuracy, by_seed, level, lift, pass_at_k


@dataclass(frozen=True)
class ArmOutcome:
    arm: str
    level: Interval
    """Of the greedy answers."""
    by_seed: Mapping[int, float]
    pass_at: Mapping[int, float]
    """By k, over the sampled answers; empty without any."""
    well_formed: float
    corrected: float
    """Shares of the greedy answers: a reflection put a mistake right, or made one."""
    harmed: float
    tokens: float


@dataclass(frozen=True)
class Lift:
    arm: str
    than: str
    interval: Interval


@dataclass(frozen=True)
class Tested:
    hypothesis: Hypothesis
    difference: float
    by_seed: Mapping[int, float]

    @property
    def confirmed(self) -> bool:
        reached = sum(each >= self.hypothesis.at_least for each in self.by_seed.values())
        return self.difference >= self.hypothesis.at_least and reached >= self.hypothesis.seeds

    def __str__(self) -> str:
        wanted = f"at least {self.hypothesis.at_least:+.2f} in the mean"
        wanted += f" and in {self.hypothesis.seeds} of {len(self.by_seed)} seeds" if self.hypothesis.seeds else ""
        came = ", ".join(f"{each:+.3f}" for each in self.by_seed.values())
        word = "CONFIRMED" if self.confirmed else "NOT CONFIRMED"
        return f"{word}: {self.hypothesis.says} (wanted {wanted}; came {self.difference:+.3f}: {came})"


@dataclass(frozen=True)
class ExperimentOutcome:
    arms: tuple[ArmOutcome, ...]
    lifts: tuple[Lift, ...]
    """Of the release over every arm that is drawn to its size."""
    gains: tuple[Lift, ...]
    """Of the release, and of every arm that is drawn to its size, over the student as it was. Where such an arm teaches
    only the form, its gain is the part of the release's that is form."""
    tested: tuple[Tested, ...]


def outcome_of(configuration: ProveConfiguration, evaluations: Sequence[Evaluation]) -> ExperimentOutcome:
    """Sum up whatever of the arms has been evaluated, with all seeds."""
    by_arm: dict[str, list[Evaluation]] = {}
    for each in evaluations:
        by_arm.setdefault(each.arm, []).append(each)
    greedy = {arm: scores_of(rows) for arm, rows in by_arm.items()}
    return ExperimentOutcome(
        tuple(_arm(arm, rows, configuration.resamples) for arm, rows in by_arm.items()),
        tuple(_lifts(configuration, greedy)),
        tuple(_gains(configuration, greedy)),
        tuple(_tested(each, greedy) for each in configuration.hypotheses if {each.arm, each.than} <= greedy.keys()),
    )


def scores_of(evaluations: Sequence[Evaluation]) -> Scores:
    """Score each answer: 1 for a correct greedy answer, else 0."""
    scores: dict[int, dict[str, float]] = {}
    for each in evaluations:
        if each.sample_index is None:
            scores.setdefault(each.seed, {})[each.item] = float(each.verdict is Ruling.CORRECT)
    return scores


def compared_with(configuration: ProveConfiguration) -> tuple[str, list[str]]:
    """Return the arm that is the release, and those that are random draws of its size, the verified ones first."""
    own = next((arm.name for arm in configuration.arms if arm == Arm(name=arm.name)), configuration.arms[0].name)
    drawn = [arm for arm in configuration.arms if arm.size_of == own]
    return own, [arm.name for arm in sorted(drawn, key=lambda arm: arm.pool is not Pool.VERIFIED)]


def _lifts(configuration: ProveConfiguration, greedy: Mapping[str, Scores]) -> Iterator[Lift]:
    own, others = compared_with(configuration)
    for other in others if own in greedy else ():
        if other in greedy:
            yield Lift(own, other, lift(greedy[own], greedy[other], configuration.resamples))


def _gains(configuration: ProveConfiguration, greedy: Mapping[str, Scores]) -> Iterator[Lift]:
    own, others = compared_with(configuration)
    for base in filter(greedy.__contains__, configuration.as_it_was):
        for arm in filter(greedy.__contains__, (own, *others)):
            yield Lift(arm, base, lift(greedy[arm], greedy[base], configuration.resamples))


def _tested(hypothesis: Hypothesis, greedy: Mapping[str, Scores]) -> Tested:
    arm, than = by_seed(greedy[hypothesis.arm]), by_seed(greedy[hypothesis.than])
    difference = accuracy(greedy[hypothesis.arm]) - accuracy(greedy[hypothesis.than])
    return Tested(hypothesis, difference, {seed: arm[seed] - than[seed] for seed in arm})


def _arm(arm: str, rows: Sequence[Evaluation], resamples: int) -> ArmOutcome:
    greedy = [each for each in rows if each.sample_index is None]
    scores = scores_of(rows)
    return ArmOutcome(
        arm,
        level(scores, resamples),
        by_seed(scores),
        _pass_at([each for each in rows if each.sample_index is not None]),
        fmean(each.structure == Structure.OK for each in greedy),
        fmean(each.effect is Effect.CORRECTED for each in greedy),
        fmean(each.effect is Effect.HARMED for each in greedy),
        fmean(each.n_tokens for each in greedy),
    )


def _pass_at(sampled: Sequence[Evaluation]) -> dict[int, float]:
    """For k of 1, 2, 4 and so on, and of all samples."""
    correct: dict[tuple[int, str], list[bool]] = {}
    for each in sampled:
        correct.setdefault((each.seed, each.item), []).append(each.verdict is Ruling.CORRECT)
    n = min(map(len, correct.values()), default=0)
    ks = sorted({k for k in (2**power for power in range(n.bit_length())) if k <= n} | ({n} if n else set()))
    return {k: fmean(pass_at_k(len(each), sum(each), k) for each in correct.values()) for k in ks}

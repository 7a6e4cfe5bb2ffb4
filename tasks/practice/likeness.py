"""The practice judge of sameness: rules whether two questions are one problem, by reading both.

    <question_a>…</question_a>                                               Verdict: same | different
    <question_b>…</question_b>

They are one where a family reads the same problem from both, however it is put. What it cannot read it declines in
words, without a verdict. It errs by `misjudge` and `mute` of the table of rates.
"""

from dataclasses import dataclass
from random import Random

from tasks.practice.decision import ReplyPlan, ThinkingForm
from tasks.practice.judge import part
from tasks.practice.phrases import phrase
from tasks.practice.problem import Problem
from tasks.practice.rates import Rates


@dataclass(frozen=True)
class Two:
    first: str
    second: str


def read_two(message: str) -> Two | None:
    """None for a message that asks for something else."""
    first, rest = part(message, "question_a")
    second, _ = part(rest, "question_b")
    return Two(first, second) if first is not None and second is not None else None


def compare(rng: Random, rates: Rates, first: Problem | None, second: Problem | None) -> tuple[str, ReplyPlan]:
    """What it says, and what it was meant to say."""
    if first is None or second is None:
        return phrase(rng, "likeness.unreadable"), ReplyPlan(first, refused=True, form=ThinkingForm.PLAIN)
    found = first == second
    slipped = rng.random() < rates.misjudge
    mute = rng.random() < rates.mute
    same = found is not slipped
    reason = phrase(rng, "likeness.same" if same else "likeness.different", a=first.answer, b=second.answer)
    word = "same" if same else "different"
    decision = ReplyPlan(
        first, slip_rate=rates.misjudge, slipped=slipped, answer=None if mute else word, form=ThinkingForm.PLAIN
    )
    return reason if mute else f"{reason}\nVerdict: {word}", decision

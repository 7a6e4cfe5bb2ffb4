"""A question of the practice teacher, worked out step by step; where one may slip on the way; and how both are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tasks.practice.phrases import LISTS, phrase

Value = int | str


@dataclass(frozen=True)
class Slip:
    """One plausible mistake."""

    at: int
    """Which step."""
    what: str
    """The step in words, such as `837 - 92`."""
    right: Value
    wrong: Value
    """What comes out there, without and with the mistake."""
    answer: str
    """The final answer that follows from it; never the right one."""


@dataclass(frozen=True)
class Step:
    what: str
    value: Value
    """What comes out here."""
    mistakes: Sequence[Value]
    """What may come out in its place."""


@dataclass
class Pen:
    """Writes the steps down; `wrong` comes out in the one at `at`."""

    at: int = -1
    wrong: Value = 0
    steps: list[Step] = field(default_factory=list)

    def compute(self, what: str, value: int) -> int:
        """Return what comes out: `value`, except in the step that goes wrong."""
        return int(self.write(what, value, misreadings(value)))

    def write(self, what: str, value: Value, mistakes: Sequence[Value]) -> Value:
        value = self.wrong if len(self.steps) == self.at else value
        self.steps.append(Step(what, value, mistakes))
        return value


Solve = Callable[[Pen], str]
"""The answer at the end of at least one step, mistaken where the pen is."""


@dataclass(frozen=True)
class Problem:
    """What is told of it comes from `rng` alone, and states no answer in so many words: that is the voice's part."""

    kind: str
    """The family in words, such as `chain sum`."""
    given: str
    """What the question gives; two questions with the same are one problem."""
    solve: Solve = field(compare=False)
    difficulty: float = field(default=0.5, compare=False)
    """From 0 to 1."""

    @property
    def answer(self) -> str:
        return self.solve(Pen())

    def slip(self, rng: Random) -> Slip:
        """Return one step that comes out wrong, in a way that changes the answer."""
        return next(self._slips(rng))

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        """Write opening and steps; with the slip's mistake and what follows from it if `fell`."""
        item, between = rng.choice(LISTS)
        steps = [item.format(said=said, i=i) for i, said in enumerate(self._worked(slip, fell), start=1)]
        end = "" if between == "\n" else "."
        return f"{phrase(rng, 'teacher.openings', given=self.given)}\n{between.join(steps)}{end}"

    def look(self, rng: Random, slip: Slip, was: Value, now: Value) -> str:
        """Return a look back at the slip's step: it said `was`, it says `now`; equal when it holds."""
        forms, other = ("teacher.stands", slip.wrong) if was == now else ("teacher.mended", was)
        return phrase(rng, forms, what=slip.what, was=differing(was, now), now=differing(now, other))

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        """Write another pass that finds nothing, mistaken again if `fell`."""
        steps = self._worked(slip, fell)
        return phrase(rng, "teacher.rechecks", steps=", ".join(steps), last_step=steps[-1], given=self.given)

    def gist(self, rng: Random, answer: str) -> str:
        """Return a sentence for the reader that holds the answer."""
        shown = "the code below" if "\n" in answer else answer
        return phrase(rng, "teacher.gists", given=self.given, answer=shown)

    def _worked(self, slip: Slip, fell: bool) -> list[str]:
        pen = Pen(slip.at, slip.wrong) if fell else Pen()
        self.solve(pen)
        return [f"{step.what} = {differing(step.value, slip.right if fell else slip.wrong)}" for step in pen.steps]

    def _slips(self, rng: Random) -> Iterator[Slip]:
        pen = Pen()
        right = self.solve(pen)
        for at in rng.sample(range(len(pen.steps)), len(pen.steps)):
            step = pen.steps[at]
            for wrong in rng.sample(step.mistakes, len(step.mistakes)):
                answer = self.solve(Pen(at, wrong))
                if wrong != step.value and answer != right:
                    yield Slip(at, step.what, step.value, wrong, answer)


def misreadings(value: int) -> Sequence[int]:
    """Return what comes out for `value` by a carry lost, a digit off, or two digits exchanged; never another sign."""
    sign, digits = (-1 if value < 0 else 1), str(abs(value))
    near = {abs(value) + off * 10**place for place in range(len(digits)) for off in (-1, 1)}
    for i in range(1, len(digits) - 1):
        near.add(int(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]))
    return [sign * size for size in sorted(near) if size >= 0 and size != abs(value)]


def differing(text: Value, other: Value) -> Value:
    """Return, of a text of several lines, the first that the other has not; anything else as it is."""
    if not isinstance(text, str) or "\n" not in text:
        return text
    there = str(other).splitlines()
    return next((line.strip() for line in text.splitlines() if line not in there), text.splitlines()[-1].strip())

"""Problems worked out by computations in a row: one may come out wrong, and the later ones follow from it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import ClassVar

from tasks.practice.computation import look
from tasks.practice.problem import Slip
from tasks.wording import say

EQUALS = (
    "{what} = {value}",
    "{what} = {value}",
    "{what} = {value}",
    "{what} gives {value}",
    "{what} is {value}",
    "{what} → {value}",
)
"""How a computation is written when its family has no other way."""

LISTS = (
    # how a step is put into a list, what stands between two
    ("{said}", "\n"),
    ("{said}", "\n"),
    ("- {said}", "\n"),
    ("* {said}", "\n"),
    ("{i}) {said}", "\n"),
    ("{i}. {said}", "\n"),
    ("Step {i}: {said}", "\n"),
    ("{said}", ", "),
    ("{said}", ", then "),
    ("{said}", "; "),
    ("{said}", ". "),
)
SENTENCES = (
    ("{said}.", "\n"),
    ("{said}.", "\n"),
    ("{said}.", " "),
    ("{said}.", " "),
    ("- {said}", "\n"),
    ("{i}. {said}.", "\n"),
    ("({i}) {said}.", "\n"),
    ("Step {i}: {said}.", "\n"),
)
"""`LISTS` for steps that are told in words."""
GAPS = (" ", "\n", "\n\n")


class Text(int):
    """Words that come out of a step: a number among those that may, which says its words."""

    words: str

    def __new__(cls, number: int, words: str) -> "Text":
        text = super().__new__(cls, number)
        text.words = words
        return text

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Step:
    what: str
    """The computation as a noun, such as `837 - 92`."""
    value: int
    """What comes out here."""
    kind: str
    """Which table of the family's `FORMS` words it; a form that comes out empty leaves it unsaid."""
    mistakes: Sequence[int]
    """What may come out in its place."""
    names: Mapping[str, object]


@dataclass(frozen=True)
class Remark:
    """Words between the steps, a paragraph of their own unless they stand in the list of the steps."""

    text: Sequence[str]
    names: Mapping[str, object]
    listed: bool


@dataclass
class Pen:
    """Writes the steps down; `wrong` comes out in the one at `at`."""

    at: int = -1
    wrong: int = 0
    lines: list[Step | Remark] = field(default_factory=list)
    taken: int = 0
    """Steps so far."""

    def compute(
        self,
        what: str,
        value: int,
        kind: str | Callable[[int], str] = "",
        mistakes: Sequence[int] | None = None,
        **names: object,
    ) -> int:
        """What comes out: `value`, except in the step that goes wrong. The kind may depend on it."""
        mistakes = misreadings(value) if mistakes is None else mistakes
        value = self.wrong if self.taken == self.at else value
        self.taken += 1
        self.lines.append(Step(what, value, kind if isinstance(kind, str) else kind(value), mistakes, names))
        return value

    def remark(self, text: Sequence[str], *, listed: bool = False, **names: object) -> None:
        self.lines.append(Remark(text, names, listed))

    @property
    def steps(self) -> list[Step]:
        return [line for line in self.lines if isinstance(line, Step)]


class Worked(ABC):
    """A problem whose family says how it is worked out and in which words; the rest is the same for all of them.

    `solve` takes at least one step, whatever the way. The words see its `names`, `{answer}`, `{steps}`, `{last_step}`.
    """

    WAYS: ClassVar[int] = 1
    LISTS: ClassVar[Sequence[tuple[str, str]]] = LISTS
    FORMS: ClassVar[Mapping[str, Sequence[str]]] = MappingProxyType({})
    OPENINGS: ClassVar[Sequence[str]]
    CLOSINGS: ClassVar[Sequence[str]] = ("",)
    RECHECKS: ClassVar[Sequence[str]]
    GISTS: ClassVar[Sequence[str]]

    @abstractmethod
    def solve(self, way: int, pen: Pen) -> str:
        """The answer that the way ends in, mistaken where the pen is."""

    @property
    @abstractmethod
    def names(self) -> Mapping[str, object]: ...

    @property
    def answer(self) -> str:
        return self.solve(0, Pen())

    def slip(self, rng: Random) -> Slip:
        """One step that comes out wrong, in a way that changes the answer."""
        ways = [rng.randrange(self.WAYS), *range(self.WAYS)]
        return next(slip for way in ways for slip in self._slips(rng, way))

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        pen = Pen(slip.at, slip.wrong) if fell else Pen()
        answer = self.solve(slip.way, pen)
        item, between = rng.choice(self.LISTS)
        gap = rng.choice(GAPS[1:] if between == "\n" else GAPS)
        forms = {kind: rng.choice(self.FORMS.get(kind, EQUALS)) for kind in dict.fromkeys(s.kind for s in pen.steps)}
        parts: list[tuple[str, list[str]]] = [(say(rng, self.OPENINGS, **self.names), [])]
        for line in pen.lines:
            if isinstance(line, Remark):
                said = say(rng, line.text, **{**self.names, **line.names})
            else:
                said = say(rng, (forms[line.kind],), **line.names, what=line.what, value=line.value)
            if isinstance(line, Remark) and not line.listed:
                parts.append((said, []))
            elif said:
                parts[-1][1].append(item.format(said=said, i=len(parts[-1][1]) + 1))
        closing = say(rng, self.CLOSINGS, **self.names, answer=answer)
        told = [_paragraph(intro, listed, between) for intro, listed in parts]
        return gap.join(text for text in [*told, closing] if text)

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        return look(rng, slip, was, now)

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        pen = Pen(slip.at, slip.wrong) if fell else Pen()
        answer = self.solve(slip.way, pen)
        steps = [f"{step.what} = {step.value}" for step in pen.steps]
        return say(rng, self.RECHECKS, **self.names, answer=answer, steps=", ".join(steps), last_step=steps[-1])

    def gist(self, rng: Random, answer: str) -> str:
        return say(rng, self.GISTS, **self.names, answer=answer)

    def _slips(self, rng: Random, way: int) -> Iterator[Slip]:
        pen = Pen()
        right = self.solve(way, pen)
        for at in rng.sample(range(len(pen.steps)), len(pen.steps)):
            step = pen.steps[at]
            for wrong in rng.sample(step.mistakes, len(step.mistakes)):
                answer = self.solve(way, Pen(at, wrong))
                if wrong != step.value and answer != right:
                    yield Slip(way, at, step.what, step.value, wrong, answer)


def misreadings(value: int) -> Sequence[int]:
    """What comes out for `value` by a carry lost, a digit one off, or two digits exchanged; never a change of sign."""
    sign, digits = (-1 if value < 0 else 1), str(abs(value))
    near = {abs(value) + off * 10**place for place in range(len(digits)) for off in (-1, 1)}
    for i in range(1, len(digits) - 1):
        near.add(int(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]))
    return [sign * size for size in sorted(near) if size >= 0 and size != abs(value)]


def _paragraph(intro: str, said: Sequence[str], between: str) -> str:
    if not said:
        return intro
    if between == "\n":
        return "\n".join([intro, *said] if intro else said)
    return f"{intro} {between.join(said)}".lstrip() + ("" if said[-1].endswith((".", "?")) else ".")

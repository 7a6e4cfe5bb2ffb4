"""simple_geometry: the missing interior angle of a polygon."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from tasks.practice.problem import Slip
from tasks.practice.worked import SENTENCES, Pen, Worked
from tasks.wording import say

_QUESTION = re.compile(
    r"convex (?:polygon (?:with|has) (?P<sides>\d+) sides|(?P<gon>\d+)-gon)\b.{1,60}? interior angles are:"
    r" (?P<angles>\d+\.0°(?:, \d+\.0°)*)\."
)

SUM_FIRST, RUNNING_DOWN = range(2)

FORMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "total": (
            "[The angle sum is|Angle sum:|All angles together make] 180 * ({n} - 2) = {what} = {value}",
            "({n} - 2) * 180 = {value}",
            "{triangles} [at|with|of] 180 degrees each: {what} = {value}",
            "[For n = {n}, |With {n} sides, ]the total is {what} = {value}",
        ),
        "sum": (
            "[The known ones add up to|The given angles make|What is known adds up]: {what} = {value}",
            "{what} = {value}",
            "[Adding|Summing] the {k} [known|given] [ones|angles]: {what} = {value}",
        ),
        "rest": (
            "[What is left is|What remains is|The last angle is][:|] {what} = {value}",
            "{what} = {value}[ degrees|]",
            "[Subtract|Subtracting]: {what} = {value}",
            "[That leaves|Which leaves] {what} = {value} [for the last one|for the missing angle|degrees]",
        ),
        "taken": ("{what} = {value}", "{what} leaves {value}", "[Less|Minus] {angle}: {value}", "{what} → {value}"),
    }
)
CHECKED = (
    "[All {n} angles|Together with {answer}, the angles] [must|should] [make|reach] {total}:"
    " {sum} + {answer} = {total}. [Good|They do|Fine].",
    "{sum} + {answer} = {total}, [the full sum|as it must be|which is the angle sum].",
    "[Check|To check]: {angles} and {answer} [sum to|make] {total}[. Right|. As needed|].",
)


@dataclass(frozen=True)
class Polygon(Worked):
    sides: int
    angles: tuple[int, ...]
    """In degrees: all but the last."""

    WAYS = 2
    LISTS = SENTENCES
    OPENINGS = (
        "[Interior angles|The angles] of a polygon with n sides [add up|sum] to 180 * (n - 2)[ degrees|]; here"
        " n = {n}.",
        "[A|This] polygon with {n} sides [splits|can be cut|falls] into {triangles}[ from one corner|].",
        "[I need|We need|First comes] the [full angle sum|sum of all {n} angles][, then|; after that] the"
        " [missing|last] one is [easy|a subtraction].",
        "[Known|Given]: {angles}. [Missing|Wanted]: [one angle|angle number {n}].",
        "[Okay|Right|So|Alright], {n} [corners|sides], and {k} of the angles [are given|are known].",
        "[All but one|{k} of {n}] [of the |]angles are [known|given], so the angle sum [settles|decides] the rest.",
    )
    FORMS = FORMS
    RECHECKS = (
        "[Going over|Repeating|Retracing] [it|the steps] [again|once more|quickly]: {steps}. [Same|No change|As"
        " before].",
        "{steps}: [I see no slip|every step looks right|nothing to change].",
        "[The last step|The end], {last_step}, [checks|is fine|agrees].",
        "A polygon with {n} sides [really has|has] {triangles} in it[, so the total stands|], and {last_step}.",
    )
    GISTS = (
        "The angles of a polygon with {n} sides [sum to|add up to] 180 * ({n} - 2), which [leaves|gives] {answer}"
        " [for the last one|degrees].",
        "[Taking|Subtracting] the {k} known angles from the angle sum [leaves|gives] {answer}.",
        "The [missing|remaining|last] angle [is|measures] {answer} degrees.",
        "[Angle sum less known angles|Total minus known]: {answer}",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, self.sides / 10)

    @property
    def names(self) -> Mapping[str, object]:
        total = 180 * (self.sides - 2)
        names = {"n": self.sides, "k": len(self.angles), "triangles": self._triangles, "total": total}
        return names | {"angles": ", ".join(map(str, self.angles)), "sum": _added(self.angles)}

    def solve(self, way: int, pen: Pen) -> str:
        triangles = self.sides - 2
        forgotten = [180 * (triangles + 1), 180 * triangles + 20, 180 * triangles - 20]
        total = pen.compute(
            f"{triangles} * 180", 180 * triangles, "total", forgotten, n=self.sides, triangles=self._triangles
        )
        if way == RUNNING_DOWN:
            for angle in self.angles:
                total = pen.compute(f"{total} - {angle}", total - angle, "taken", angle=angle)
            return str(total)
        known = pen.compute(_added(self.angles), sum(self.angles), "sum", k=len(self.angles))
        return str(pen.compute(f"{total} - {known}", total - known, "rest"))

    @property
    def _triangles(self) -> str:
        return "1 triangle" if self.sides == 3 else f"{self.sides - 2} triangles"

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        """A mistaken angle would not survive the sum: then the steps are only repeated."""
        if fell or rng.random() < 0.4:
            return super().recheck(rng, slip, fell)
        return say(rng, CHECKED, **self.names, answer=self.answer)


def read(question: str) -> Polygon | None:
    found = _QUESTION.search(question)
    if not found:
        return None
    sides = int(found["sides"] or found["gon"])
    angles = tuple(int(angle) for angle in re.findall(r"(\d+)\.0°", found["angles"]))
    return Polygon(sides, angles) if len(angles) == sides - 1 >= 2 else None


def _added(numbers: Sequence[int]) -> str:
    return " + ".join(map(str, numbers))

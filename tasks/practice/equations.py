"""simple_equations: one unknown, linear, whole numbers."""

import re
from dataclasses import dataclass
from random import Random

from tasks.practice.computation import look
from tasks.practice.problem import Slip
from tasks.wording import say

_PART = r"(?:\d+\s*\*?\s*[a-z]|\d+|[a-z])"
_QUESTION = re.compile(
    r"(?:value of [a-z] (?:in the equation|that satisfies)|[Ss]olve for [a-z]):"
    rf"\s*([+-]?\s*{_PART}(?:\s*[+-]\s*{_PART})*)"
    r"\s*=\s*(-?\d+)(?![\d.]|\s*[*/^a-z+-])"
)
_TERM = re.compile(r"([+-]?)\s*(?:(\d+)\s*\*?\s*)?([a-z])?")

MOVE, FLIP, TRY = range(3)

OPENINGS = (
    "[I need|We want|The goal is] to [isolate|get] {x}[ on one side|] in {equation}.",
    "[Okay|Right|So|Alright][, the equation is|:] {equation}.",
    "[This is|We have] a linear equation in {x}[: {equation}|, so two moves should do|].",
    "[Let me|I'll|Let's] [solve|work on] {equation} [step by step|for {x}].",
    "{equation}. [First|To begin with] [the constant|whatever stands beside {x}], then the [coefficient|factor].",
    "One unknown, {x}.",
)
TRIALS = (
    "[Let me|I'll|Let's] [try|test] [a few values|some numbers] for {x}.",
    "[Trial and error|Guessing and checking] is [quick|enough] here: {equation}.",
    "[What|Which] {x} makes {left} equal to {c}? [I try some|Some tries|Let me probe].",
)

MOVES = (
    "[Subtract|Take away] {b} [from|on] both sides[: |, which gives |, so ]{ax} = {d}.",
    "[Moving|Bringing] the {b} [to the right|over] [gives|leaves] {ax} = {c} - {b} = {d}.",
    "{ax} = {c} - {b} = {d}",
    "{c} - {b} = {d}, so {ax} = {d}.",
)
MOVES_BACK = (
    "Add {minus_b} [to|on] both sides[: |, which gives |, so ]{ax} = {d}.",
    "[Moving|Bringing] the {minus_b} [to the right|over] [gives|leaves] {ax} = {c} + {minus_b} = {d}.",
    "{ax} = {c} + {minus_b} = {d}",
)
FLIPS = (
    "[Bring|Move] {ax} to the right and {c} to the left: {b} {minus_c} = {d} = {ax}.",
    "[It is easier with|I prefer] a positive [coefficient|factor]: {ax} = {b} {minus_c} = {d}.",
    "{b} {minus_c} = {d}, and that [is|must be] {ax}.",
)
DIVISIONS = (
    "[Divide|Dividing] [both sides |]by {a}: {x} = {d} / {a} = {value}.",
    "[Then|Now|Next,] {x} = {d} / {a} = {value}.",
    "{d} / {a} = {value}",
    "{a} goes into {d} {value} times.",
    "{d} divided by {a} [is|comes to] {value}.",
)
PROBES = ("{x} = {v}: {f} = {y}", "[With|For] {x} = {v}, {f} = {y}", "{f} = {y}", "{x} = {v} gives {y}")
MISSES = (", [not it|no]", "[, | is ]too [{far}]", "")
MATCHES = (", [which is it|that matches|a match|exactly]", "[ ✓| as wanted]")

RECHECKS_SUBSTITUTE = (
    "[Substituting|Putting {value} back|Plugging {value} in][:| gives] {f} = {c}. [It fits|The equation"
    " holds|✓|That matches].",
    "[Check|To check|Let me verify]: with {x} = {value}, {f} = {c}[. Good|. Fine| as required|].",
    "{f} is {c}, [as it should be|just what the equation asks for|so both sides agree].",
)
RECHECKS_ALOUD = (
    "[The sign|The order of the steps] [looks|is] right[, and|;] nothing [was lost|got dropped] [on the"
    " way|between the lines].",
    "[Going over|Rereading] {equation} [once more|again], each [move|step] [is allowed|makes sense].",
    "[The size|The sign] of {value} [is plausible|looks right] for {equation}.",
)

GISTS = (
    "{x} = {answer}",
    "[Solving|Isolating {x} in] {equation} gives {x} = {answer}.",
    "{equation} [holds for|is satisfied by|is true when] {x} = {answer}.",
    "[Collecting|Moving] the constants and dividing [leaves|gives] {x} = {answer}.",
)


@dataclass(frozen=True)
class Equation:
    """`factor * unknown + constant = result`, with a whole solution."""

    left: str
    unknown: str
    factor: int
    constant: int
    result: int

    @property
    def solution(self) -> int:
        return (self.result - self.constant) // self.factor

    @property
    def answer(self) -> str:
        return str(self.solution)

    @property
    def difficulty(self) -> float:
        digits = sum(len(str(abs(part))) for part in (self.factor, self.constant, self.result) if abs(part) > 1)
        return min(1.0, digits / 14)

    def slip(self, rng: Random) -> Slip:
        """A wrong difference, a wrong quotient, or a try that seems to fit."""
        x, wrong = self.solution, self.solution + rng.choice((-2, -1, -1, 1, 1, 2, 10, -10))
        ways = [MOVE, MOVE, TRY] if self.factor > 0 or not self.constant else [MOVE, FLIP, TRY]
        way = rng.choice(ways)
        if way == TRY:
            return Slip(way, 0, self._at(wrong), self._value(wrong), self.result, str(wrong))
        a, d = self._sides(way)
        if abs(a) == 1 and not self.constant:
            return Slip(way, 1, self.unknown, x, wrong, str(wrong))
        if abs(a) > 1 and (not self.constant or rng.random() < 0.6):
            return Slip(way, 1, f"{d} / {a}", x, wrong, str(wrong))
        return Slip(way, 0, self._difference(way), d, a * wrong, str(wrong))

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        names = {"x": self.unknown, "equation": self.equation, "left": self.left, "c": self.result}
        opening = say(rng, TRIALS if slip.way == TRY else OPENINGS, **names)
        steps = self._probes(rng, slip, fell) if slip.way == TRY else self._moves(rng, slip, fell)
        between = rng.choice(("\n", "\n", " "))
        return between.join([opening, *(step if step.endswith(".") else step + "." for step in steps)])

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        return look(rng, slip, was, now)

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        """A mistaken answer seldom survives being put in: then the pass is mostly talk."""
        value = int(slip.answer) if fell else self.solution
        forms = RECHECKS_SUBSTITUTE if rng.random() < (0.2 if fell else 0.8) else RECHECKS_ALOUD
        names = {"x": self.unknown, "value": value, "f": self._at(value), "c": self.result}
        return say(rng, forms, equation=self.equation, **names)

    def gist(self, rng: Random, answer: str) -> str:
        return say(rng, GISTS, x=self.unknown, equation=self.equation, answer=answer)

    @property
    def equation(self) -> str:
        return f"{self.left} = {self.result}"

    def _at(self, value: int) -> str:
        """The left side with `value` for the unknown, as one writes it."""
        put_in = f"({value})" if value < 0 else str(value)
        if abs(self.factor) == 1:
            return self.left.replace(self.unknown, put_in)
        return re.sub(r"(\d)\s*\*?\s*[a-z]", rf"\1*{put_in}", self.left)

    def _value(self, value: int) -> int:
        return self.factor * value + self.constant

    def _sides(self, way: int) -> tuple[int, int]:
        """(a, d) of `a * unknown = d` after the constant has moved."""
        d = self.result - self.constant
        return (-self.factor, -d) if way == FLIP else (self.factor, d)

    def _difference(self, way: int) -> str:
        over, away = (self.constant, self.result) if way == FLIP else (self.result, self.constant)
        return f"{over} {_signed(-away)}"

    def _moves(self, rng: Random, slip: Slip, fell: bool) -> list[str]:
        a, d = self._sides(slip.way)
        value = int(slip.answer) if fell else self.solution
        if fell and slip.at == 0:
            d = slip.wrong
        ax = {1: "", -1: "-"}.get(a, f"{a}*") + self.unknown
        names = {
            "a": a,
            "ax": ax,
            "x": self.unknown,
            "d": d,
            "value": value,
            "b": self.constant,
            "c": self.result,
        }
        names |= {"minus_b": -self.constant, "minus_c": _signed(-self.result)}
        steps = []
        if self.constant:
            forms = FLIPS if slip.way == FLIP else MOVES if self.constant > 0 else MOVES_BACK
            steps.append(say(rng, forms, **names))
        if a != 1 or not self.constant:
            steps.append(say(rng, DIVISIONS if abs(a) > 1 else (f"{self.unknown} = {value}",), **names))
        return steps

    def _probes(self, rng: Random, slip: Slip, fell: bool) -> list[str]:
        """A round number, the value of the slip, then the solution unless the slip's value seemed to fit."""
        x, near = self.solution, int(slip.answer)
        tries = list(dict.fromkeys([round(x, -1) if abs(x) > 10 else rng.randrange(1, 10), near]))
        tries = [value for value in tries if value != x and (not fell or value != near)]
        form = rng.choice(PROBES)
        said = []
        for value in [*tries, near if fell else x]:
            y = self.result if fell and value == near else self._value(value)
            far = "big|high|much" if y > self.result else "small|low|little"
            tail = say(rng, MATCHES if y == self.result else [m.replace("{far}", far) for m in MISSES])
            names = {"x": self.unknown, "v": value, "f": self._at(value), "y": y}
            said.append(say(rng, (form,), **names) + tail)
        return said


def read(question: str) -> Equation | None:
    """None also where the unknown drops out (`0 = 0`) or the solution is no whole number."""
    found = _QUESTION.search(question)
    if not found:
        return None
    left, result = found[1], int(found[2])
    terms = [term for term in _TERM.findall(left) if any(term[1:])]
    unknowns = {name for _, _, name in terms if name}
    factor = sum(int(sign + (number or "1")) for sign, number, name in terms if name)
    constant = sum(int(sign + number) for sign, number, name in terms if not name)
    if len(unknowns) != 1 or not factor or (result - constant) % factor:
        return None
    return Equation(left, unknowns.pop(), factor, constant, result)


def _signed(number: int) -> str:
    return f"- {-number}" if number < 0 else f"+ {number}"

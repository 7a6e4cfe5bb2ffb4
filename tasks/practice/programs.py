"""python_tasks: write a small function, or mend one with a bug. Code that stands in a question is never run."""

from ast import literal_eval
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from random import Random

from schemas.record import content_key
from tasks.practice import program_words as words
from tasks.practice.hand_trace import Outcome, trace
from tasks.practice.idioms import Way, filled
from tasks.practice.problem import Slip
from tasks.practice.program_code import mending, renamed, renamings
from tasks.practice.program_reading import Example, Task, read_task
from tasks.practice.worked import GAPS, SENTENCES
from tasks.wording import in_words, say

TURNS = 4
"""Turns of a loop that are told when an example is worked out; then the last one."""
LONGEST = 70
"""Characters of a call or a value that is worked out in words."""


@dataclass(frozen=True)
class Fault:
    """A mistake in the code: what it is then, and how the one line reads with and without it."""

    code: str
    bad: str
    good: str
    witness: Example
    """Where it shows; `got` is what comes out."""


@dataclass(frozen=True)
class Program:
    task: Task
    code: str
    faults: tuple[Fault, ...]
    mended: str = ""
    """The line of the shown code that was wrong, when only one was."""

    @property
    def answer(self) -> str:
        return self.code

    @property
    def difficulty(self) -> float:
        return min(1.0, (self.code.count("\n") + 2 * bool(self.task.shown)) / 12)

    def slip(self, rng: Random) -> Slip:
        """`right` and `wrong` are versions of the code: 0 is right, any other the fault of that number."""
        at = rng.randrange(len(self.faults))
        fault = self.faults[at]
        return Slip(rng.randrange(1000), at, fault.good, 0, at + 1, fault.code)

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        code = self._version(slip.wrong if fell else slip.right)
        item, between = rng.choice(SENTENCES)
        steps = [step if step.startswith("`") else step[:1].upper() + step[1:] for step in words.told(rng, code)]
        item = item if len(steps) > 1 else "{said}."
        listed = between.join(item.format(said=step, i=i) for i, step in enumerate(steps, 1))
        plan = say(rng, words.PLANS)
        parts = [self._opening(rng), self._diagnosis(rng, code), f"{plan}{between if plan else ''}{listed}"]
        if rng.random() < 0.6:
            parts.append(self._trial(rng, code))
        return rng.choice(GAPS).join(part for part in parts if part)

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        fault = self.faults[slip.at]
        if was == now:
            line = fault.bad if now else fault.good
            return say(rng, words.STANDS, line=line, trial=self._trial(rng, self._version(now))).rstrip()
        if now:
            return say(rng, words.HARMS, bad=fault.good, good=fault.bad)
        shown = fault.witness
        turns = _turns(self._run(fault.code, shown))
        told = say(rng, words.TURNS, turns=turns) if turns else ""
        names = {"call": shown.call, "got": shown.got, "wanted": repr(shown.expected), "turns": told}
        return say(rng, words.CHANGES, bad=fault.bad, good=fault.good, **names)

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        code = self._version(slip.wrong if fell else slip.right)
        k = in_words(code.count("\n") + 1)
        return say(rng, words.RECHECKS, trial=self._trial(rng, code), k=k, **self._names).rstrip()

    def gist(self, rng: Random, answer: str) -> str:
        k = in_words(answer.count("\n") + 1)
        steps = "; ".join(words.told(rng, answer))
        failing = next((example for example in self.task.examples if example.got), None)
        if self.mended and failing and self.mended not in answer and answer == self.code:
            more = {"bad": self.mended, "call": failing.call, "wanted": repr(failing.expected)}
            return say(rng, words.DEBUG_GISTS, **more, **self._names)
        return say(rng, words.GISTS, k=k, steps=steps, **self._names)

    @cached_property
    def _names(self) -> dict[str, str]:
        given = ", ".join(self.task.parameters)
        *most, last = [f"`{parameter}`" for parameter in self.task.parameters]
        arguments = f"{', '.join(most)} and {last}" if most else last
        return {"name": self.task.name, "given": given, "arguments": arguments, "does": self.task.understood.does}

    def _version(self, number: int) -> str:
        return self.faults[number - 1].code if number else self.code

    def _run(self, code: str, example: Example) -> Outcome:
        return trace(code, self.task.name, deepcopy(example.args))

    def _opening(self, rng: Random) -> str:
        failing = next((example for example in self.task.examples if example.got), None)
        if not self.task.shown or not failing:
            return say(rng, words.OPENINGS, **self._names)
        failure = f"`{failing.call}` gives {failing.got}, and should give {failing.expected!r}."
        return say(rng, words.DEBUG_OPENINGS, failure=failure, **self._names)

    def _diagnosis(self, rng: Random, code: str) -> str:
        """Which line of the shown code is wrong, as far as one line is."""
        if not self.task.shown:
            return ""
        good = _replacement(self.mended, self.task.shown, code) if self.mended else ""
        return say(rng, words.MENDS, bad=self.mended, good=good) if good else say(rng, words.REWRITES)

    def _trial(self, rng: Random, code: str) -> str:
        """An example worked out by hand that finds nothing; of code with a fault one where it does not show."""
        fine = []
        for example in self.task.examples:
            outcome = self._run(code, example)
            if not outcome.failed and outcome.value == example.expected and len(example.call) <= LONGEST:
                fine.append((example, outcome))
        if not fine:
            return say(rng, words.READ_AGAIN)
        example, outcome = rng.choice(fine)
        turns = _turns(outcome)
        forms = words.TRIALS if turns else words.SHORT_TRIALS
        text = say(rng, forms, call=example.call, turns=turns, value=outcome.said)
        return f"{text} {say(rng, words.AS_WANTED)}".rstrip()


def read(question: str) -> Program | None:
    """None also where what it would write contradicts an example."""
    task = read_task(question)
    if task is None:
        return None
    rng = Random(int(content_key("program", question), 16))
    for code, way, names, mended in _candidates(rng, task):
        right = [trace(code, task.name, deepcopy(example.args)) for example in task.examples]
        if any(out.failed or out.value != example.expected for out, example in zip(right, task.examples, strict=True)):
            return None
        faults = tuple(_faults(task, code, way, names))
        if faults:
            return Program(task, code, _nearest(faults, task, mended), mended)
    return None


def _candidates(rng: Random, task: Task) -> Iterator[tuple[str, Way, dict[str, str], str]]:
    """Ways to write it, each with the names of its variables; first one that differs from shown code in one line."""
    ways = task.understood.idiom.ways
    given = {f"param_{letter}": name for letter, name in zip("abc", task.parameters, strict=False)}
    for way in ways if task.shown else ():
        own = filled(way.code, task.name, task.understood.pieces)
        if match := mending(task.shown, own):
            mended, names = match[0], {**given, **match[1]}
            yield renamed(own, names), way, names, mended
    for way in rng.sample(ways, len(ways)):
        own = filled(way.code, task.name, task.understood.pieces)
        names = renamings(rng, own, frozenset({task.name, *task.parameters})) | given
        yield renamed(own, names), way, names, ""


def _faults(task: Task, code: str, way: Way, names: dict[str, str]) -> Iterator[Fault]:
    """The way's mistakes that come to light: on an example of the question, else on one of our own."""
    tries = [literal_eval(args) for args in task.understood.idiom.tries]
    own = [Example(f"{task.name}({', '.join(map(repr, args))})", args, None, "") for args in tries]
    for right, wrong in way.slips:
        template = way.code.replace(right, wrong, 1)
        version = renamed(filled(template, task.name, task.understood.pieces), names)
        bad, good = _difference(version, code)
        if version == task.shown or not bad:
            continue
        for example in (*task.examples, *own):
            expected = trace(code, task.name, deepcopy(example.args))
            got = trace(version, task.name, deepcopy(example.args))
            if not expected.failed and (got.failed or got.value != expected.value):
                yield Fault(version, bad, good, Example(example.call, example.args, expected.value, got.said))
                break


def _nearest(faults: tuple[Fault, ...], task: Task, mended: str) -> tuple[Fault, ...]:
    """Of shown code those in the line that is to be mended, where there are any: it is mended in a wrong way."""
    there = tuple(fault for fault in faults if mended and fault.bad not in task.shown and mended not in fault.code)
    return there or faults


def _difference(version: str, code: str) -> tuple[str, str]:
    """The first line in which they differ, in each."""
    pairs = zip([*version.split("\n"), ""], [*code.split("\n"), ""], strict=False)
    bad, good = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return bad.strip(), good.strip()


def _replacement(bad: str, shown: str, code: str) -> str:
    """What stands in `code` in the place of the line `bad` of the shown code; empty where it still stands there."""
    old, new = shown.split("\n"), code.split("\n")
    at = next((i for i, line in enumerate(old) if line.strip() == bad), -1)
    line = new[at].strip() if len(old) == len(new) else ""
    return "" if line == bad else line


def _turns(outcome: Outcome) -> str:
    """What the variables hold after each turn; empty where that is too long to tell, or nothing."""
    turns = [turn for turn in outcome.turns if turn]
    if len(turns) > TURNS + 1:
        turns = [*turns[:TURNS], "…", turns[-1]]
    return "; ".join(turns) if turns and len("".join(turns)) < 300 else ""

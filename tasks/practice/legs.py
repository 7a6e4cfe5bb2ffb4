"""leg_counting: how many legs some animals have together."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tasks.practice.worked import SENTENCES, Pen, Worked

_QUESTION = re.compile(r"how many legs are there in total if you have ([^?]+)\?")

_ANIMALS = {
    0: "snake, sea slug, jellyfish, flatworm, leech",
    2: "chicken, bird, human, duck",
    4: "dog, cat, cow, horse, lion, elephant, giraffe, tiger, deer, sheep",
    5: "starfish",
    6: "insect, ant, butterfly, beetle, bee, wasp, grasshopper, cricket, cockroach, praying mantis, firefly",
    8: "spider, scorpion",
    10: "crab, lobster, shrimp",
    14: "woodlouse",
}
LEGS = {animal: legs for legs, animals in _ANIMALS.items() for animal in animals.split(", ")}
"""A starfish has as many as it has arms."""
CONFUSED = {0: (2,), 2: (4,), 4: (2,), 5: (4, 6), 6: (8, 4), 8: (6, 10), 10: (8, 6), 14: (12, 10)}
"""For a number of legs those that one may remember instead."""

RECITED, COMPUTED, RUNNING, GROUPED = range(4)

FORMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "recited": (
            "{animals}: {value}",
            "{value} from {animals}",
            "{animals} → {value}[ legs|]",
            "{value} legs for {animals}",
        ),
        "product": (
            "{animals}: {what} = {value}",
            "{animals} with {legs} legs each: {what} = {value}",
            "{animals}, {legs} legs each: {value}",
            "{animals} → {what} = {value}",
            "{what} = {value} [for|from] {animals}",
        ),
        "running": ("[so far|now] {what} = {value}", "{what} = {value}", "[that makes|making] {value} [so far|by now]"),
        "head": ("[{legs}-legged|With {legs} legs]: {what} = {value}", "{what} = {value} [animals |]with {legs} legs"),
        "group": ("{what} = {value} legs", "{what} = {value}", "[that is|which makes] {what} = {value}"),
        "sum": (
            "[Together|In total|Altogether|All in all]: {what} = {value}",
            "{what} = {value}",
            "[Adding up|Summing|The sum]: {what} = {value}",
        ),
    }
)


@dataclass(frozen=True)
class Legs(Worked):
    animals: tuple[tuple[str, int], ...]
    """(kind, how many)."""

    WAYS = 4
    LISTS = SENTENCES
    FORMS = FORMS
    OPENINGS = (
        "[Okay|Right|So|Alright], {k} kinds of animals[, kind by kind|, one after the other|].",
        "[Let me|I'll|Let's] [go through|take] the [list|animals] [one kind at a time|in order|from the top].",
        "[I need|We need] the number of legs of each [kind|animal] and how many [of them |]there are.",
        "[Insects have six legs|An insect has six legs], [a spider eight|spiders have eight], [crabs ten|a crab ten].",
        "[The list|Given]: {listed}.",
        "[Legs per animal|How many legs one has], times the [count|number of animals], [then add|added up].",
        "[First come|We start with|I begin with] {first}[, last come {last}|].",
        "[Who has legs|What walks] here, and on how many? [Let me see|One by one].",
    )
    RECHECKS = (
        "[Going over|Repeating] the list[, quickly|]: {listed}. [And|With] {last_step}[, same|, no change|].",
        "[{k} kinds|All {k} kinds] [are in|are counted|appear], and {last_step}[ holds| checks|].",
        "[Did I skip a kind|Is any animal missing]? [No|It seems not], [all {k} are there|none is missing].",
        "[The end|The last line] [again|once more]: {last_step}. [Good|Fine|Yes].",
        "[The leg counts|The numbers of legs] [look|seem] right[, and|;] {last_step}.",
    )
    GISTS = (
        "[The|These] animals have {answer} legs [in total|together|altogether].",
        "[Adding|Summing] [over|up] the {k} kinds [gives|makes] {answer} legs.",
        "[Legs per kind times animals, summed|Kind by kind and then added]: {answer}.",
        "[There are|I count|We get] {answer} legs [in total|altogether].",
    )

    @property
    def difficulty(self) -> float:
        size = max(number for _, number in self.animals)
        return min(1.0, len(self.animals) / 12 + len(str(size)) / 10)

    @property
    def names(self) -> Mapping[str, object]:
        listed = [f"{number} {plural(kind, number)}" for kind, number in self.animals]
        return {"k": len(listed), "listed": ", ".join(listed), "first": listed[0], "last": listed[-1]}

    def solve(self, way: int, pen: Pen) -> str:
        parts = self._groups(pen) if way == GROUPED else self._kinds(way, pen)
        if way == RUNNING or len(parts) == 1:
            return str(parts[-1])
        return str(pen.compute(" + ".join(map(str, parts)), sum(parts), "sum"))

    def _kinds(self, way: int, pen: Pen) -> list[int]:
        """The legs of each kind, or their running totals."""
        parts: list[int] = []
        for kind, number in self.animals:
            animals, legs = f"{number} {plural(kind, number)}", LEGS[kind]
            if way == RECITED:
                wrong = [number * confused for confused in CONFUSED[legs]]
                part = pen.compute(f"the leg count of {animals}", number * legs, "recited", wrong, animals=animals)
            else:
                wrong_products: list[int] | None = [] if number == 1 or not legs else None
                part = pen.compute(
                    f"{number} * {legs}", number * legs, "product", wrong_products, animals=animals, legs=legs
                )
            if way == RUNNING and parts:
                part = pen.compute(f"{parts[-1]} + {part}", parts[-1] + part, "running")
            parts.append(part)
        return parts

    def _groups(self, pen: Pen) -> list[int]:
        """The legs of all animals with equally many; those with none are left out unless they are all."""
        counts: dict[int, list[int]] = {}
        for kind, number in self.animals:
            counts.setdefault(LEGS[kind], []).append(number)
        parts = []
        for legs, numbers in sorted(counts.items(), reverse=True):
            if legs or len(counts) == 1:
                count = numbers[0]
                if len(numbers) > 1:
                    count = pen.compute(" + ".join(map(str, numbers)), sum(numbers), "head", legs=legs)
                parts.append(pen.compute(f"{count} * {legs}", count * legs, "group"))
        return parts


def read(question: str) -> Legs | None:
    """None also where an animal is not known, or comes twice."""
    found = _QUESTION.search(question)
    if not found:
        return None
    items = [re.fullmatch(r"(\d+) ([a-z ]+)", item) for item in found[1].split(", ")]
    animals = [(kind, int(item[1])) for item in items if item and (kind := _kind(item[2]))]
    if len(animals) < len(items) or max(Counter(kind for kind, _ in animals).values()) > 1:
        return None
    return Legs(tuple(animals))


def plural(kind: str, number: int) -> str:
    if number == 1 or kind.endswith(("fish", "sheep", "deer", "shrimp")):
        return kind
    if kind == "woodlouse":
        return "woodlice"
    if kind.endswith("fly"):
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith(("s", "ch")) else f"{kind}s"


def _kind(word: str) -> str | None:
    """The animal of a word, in the singular or with an s, as the question writes them (`2 butterflys`)."""
    return next((kind for kind in (word, word.removesuffix("s")) if kind in LEGS), None)

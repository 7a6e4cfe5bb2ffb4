"""The practice author writes what the practice teacher can solve, errs by the table, and leaves other replies alone."""

import hashlib
from collections import Counter
from random import Random

import pytest

from schemas.teacher import Preset
from tasks.practice.author import TOPICS, AuthorTask, author, read_task
from tasks.practice.behaviour import read, reply
from tasks.practice.phrases import PHRASES
from tasks.practice.rates import PRESETS, VERSION, Rates
from tests.practice import FLAWLESS

NEW = "<topic>\nLetter_counting\n</topic>\n<count>\n3\n</count>\n<example>\nOne?\n</example>\n<example>Two?</example>"
OLD = "<topic>gcd</topic><question>\nHow many?\n</question><method>deepen: Ask for more.</method>"


@pytest.mark.parametrize(
    ("message", "task"),
    [
        (NEW, AuthorTask("Letter_counting", 3, ("One?", "Two?"), None)),
        (OLD, AuthorTask("gcd", 1, ("How many?",), "deepen: Ask for more.")),
        ("<topic>gcd</topic>", None),
        ("<topic>gcd</topic><count>many</count>", None),
        ("<topic>gcd</topic><question>How many?</question>", None),
        ("<question>How many?</question><answer>3</answer>", None),
        ("What is 2 + 2?", None),
    ],
)
def test_what_it_is_asked(message: str, task: AuthorTask | None) -> None:
    assert read_task(message) == task


def said(topic: str, seed: int, rates: Rates, count: int = 5) -> str:
    return author(Random(seed), rates, AuthorTask(topic, count, ("Find it.",), None))[0]


@pytest.mark.parametrize("topic", TOPICS)
def test_it_can_solve_what_it_writes(topic: str) -> None:
    for size in range(1, 10):
        for seed in range(8):
            assert read(TOPICS[topic](Random(seed), size)), topic


def test_what_it_makes_of_a_question_is_larger_or_beside_it() -> None:
    parent = "Calculate 12 + 30 ="
    asked = "<topic>chain sum</topic><question>{}</question><method>{}: …</method>"
    kinds: dict[str, set[str]] = {"deepen": set(), "broaden": set()}
    for method, found in kinds.items():
        for seed in range(20):
            messages = [{"role": "user", "content": asked.format(parent, method)}]
            text = reply({"model": "practice", "seed": seed, "messages": messages}, FLAWLESS).text
            found.add(read(text.removeprefix("<question>\n").removesuffix("\n</question>")).kind)
    assert kinds["deepen"] == {"chain sum"}
    assert "chain sum" not in kinds["broaden"]
    assert len(kinds["broaden"]) == 2


def test_of_other_topics_it_has_nothing_to_say() -> None:
    text, decision = author(Random(1), FLAWLESS, AuthorTask("Roman law", 3, (), None))
    assert decision.refused
    assert "<question>" not in text


@pytest.mark.parametrize("preset", Preset)
def test_it_errs_by_the_table(preset: Preset) -> None:
    """Within three standard errors."""
    rates, n = PRESETS[preset], 3000
    texts = [said("gcd", seed, rates, count=1) for seed in range(n)]
    starts = {form.split("{")[0].split("[")[0] for form in PHRASES["author.unsolvable"]}
    seen: Counter[str] = Counter()
    for text in texts:
        seen["echo"] += "find it." in text.lower()
        seen["unsolvable"] += any(start in text for start in starts)
        seen["spoilt"] += "Answer:" in text or text.endswith(("<question>\n\n</question>", '""}', '[""]', "1. "))
        seen["marked"] += "<question>" in text
    expected = {name: getattr(rates, name) for name in ("echo", "unsolvable", "spoilt")}
    expected["marked"] = 1 - rates.otherwise - rates.unmarked
    for name, rate in expected.items():
        missing = rates.unmarked * rates.spoilt / 2 if name == "spoilt" else 0  # blank and unmarked: not to be seen
        assert abs(seen[name] - n * (rate - missing)) < 3 * (n * rate * (1 - rate)) ** 0.5, name


def test_its_wording_belongs_to_the_version() -> None:
    """Another wording is another teacher: bump `VERSION` in rates.py, then write the new digest here."""
    text = "\n".join(said(topic, seed, PRESETS[preset]) for preset in Preset for topic in TOPICS for seed in range(5))
    assert (VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (4, "e297443fc0ba4c8a")

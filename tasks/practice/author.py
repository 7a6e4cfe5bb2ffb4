"""The practice author: writes questions on the topics that this teacher can solve, and makes others out of them.

It reads the user's message, whatever stands around these parts. A topic is a family's name in words, such as `letter
counting`; of any other it has nothing to say, and says so.

    <topic>…</topic> <count>4</count> <example>…</example> …      four new questions
    <topic>…</topic> <question>…</question> <method>…</method>     another one: larger, or, by the method `broaden`, of
                                                                   a neighbouring topic

It errs by `echo`, `unsolvable`, `spoilt`, `otherwise` and `unmarked` of the table of rates.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from tasks.practice.decision import ReplyPlan, declined, plain
from tasks.practice.judge import parts
from tasks.practice.phrases import PHRASES, phrase, tagged
from tasks.practice.rates import Rates

WORDS = PHRASES["author.words"]


def _letters(rng: Random, size: int) -> str:
    words = rng.sample(WORDS, min(size + 3, 20))
    return f'How many times does the letter "{rng.choice("".join(words))}" appear in the text: "{" ".join(words)}"?'


def _sum(rng: Random, size: int) -> str:
    chain = [str(rng.randint(10, 999))]
    for _ in range(size + 1):
        chain += [rng.choice("+-"), str(rng.randint(10, 999))]
    return phrase(rng, "author.sum", chain=" ".join(chain))


def _product(rng: Random, size: int) -> str:
    factors = [str(rng.randint(2, 99)) for _ in range(2 + (size > 3))]
    return f"Solve the following multiplication: {' * '.join(factors)}."


def _divisor(rng: Random, size: int) -> str:
    shared = rng.randint(2, 30)
    numbers = [str(shared * rng.randint(2, 40)) for _ in range(min(2 + size // 2, 5))]
    return f"Find the Greatest Common Divisor (GCD) of these numbers: {', '.join(numbers)}."


def _backward(rng: Random, size: int) -> str:
    word = "".join(rng.sample(WORDS, 1 + (size > 3)))
    return phrase(rng, "author.backward", word=word)


TOPICS: Mapping[str, Callable[[Random, int], str]] = MappingProxyType(
    {"letter counting": _letters, "spell backward": _backward, "chain sum": _sum, "products": _product, "gcd": _divisor}
)
"""Neighbours stand beside each other. Of a number that says how large a question is: from 1."""


@dataclass(frozen=True)
class AuthorTask:
    topic: str
    count: int
    shown: tuple[str, ...]
    """The examples, or the question that is to be evolved."""
    method: str | None
    """None: write new ones."""


def read_task(message: str) -> AuthorTask | None:
    """Read what a message asks to be written; None for one that asks for something else."""
    topic, count = parts(message, "topic", "count")
    if topic is None:
        return None
    if count is not None and count.isdecimal() and count.isascii():
        shown = re.findall(r"<example>(.*?)</example>", message.partition("</topic>")[2], re.S)
        return AuthorTask(topic, int(count), tuple(map(str.strip, shown)), None)
    _, question, method = parts(message, "topic", "question", "method")
    return AuthorTask(topic, 1, (question,), method) if question is not None and method is not None else None


def author(rng: Random, rates: Rates, task: AuthorTask) -> tuple[str, ReplyPlan]:
    """Return what the teacher writes, and what that was meant to be."""
    names = list(TOPICS)
    topic = " ".join(task.topic.casefold().replace("_", " ").split())
    if topic not in TOPICS:
        return phrase(rng, "author.foreign"), declined()
    if task.method and task.method.startswith("broaden"):
        topic = names[(names.index(topic) + rng.choice((-1, 1))) % len(names)]
    size = 1 + (_size(task.shown[0]) if task.method else rng.randint(0, 2))
    written: list[str] = []
    for _ in range(task.count):
        written.append(_one(rng, rates, TOPICS[topic], size, [*task.shown, *written]))
    return _marked(rng, rates, written, alone=task.method is not None), plain(None)


def _one(rng: Random, rates: Rates, make: Callable[[Random, int], str], size: int, known: Sequence[str]) -> str:
    text, draw = make(rng, size), rng.random()
    if draw < rates.echo and known:
        echoed = rng.choice(known)
        return rng.choice((echoed, echoed.upper(), f"{echoed.rstrip('.?')}."))
    if rates.echo <= draw < rates.echo + rates.unsolvable:
        first, second, *more = rng.sample(WORDS, 5)
        return phrase(rng, "author.unsolvable", word=first, other=second, words=", ".join([first, second, *more]))
    if draw >= 1 - rates.spoilt:
        return rng.choice(("", f"{text}\nAnswer: {rng.randint(2, 99)}"))
    return text


def _marked(rng: Random, rates: Rates, written: Sequence[str], alone: bool) -> str:
    draw = rng.random()
    if draw < rates.unmarked:
        return phrase(rng, "author.talk", questions=" ".join(written))
    if draw < rates.unmarked + rates.otherwise:
        lines = [json.dumps({"question": text}) for text in written]
        numbered = [f"{number}. {text}" for number, text in enumerate(written, start=1)]
        return "\n".join(lines if alone else rng.choice((lines, numbered, [json.dumps(written)])))
    return "\n\n".join(tagged("question", text) for text in written)


def _size(question: str) -> int:
    """About what it took to make it."""
    listed = re.findall(r"\d+|,", question)
    return max(1, min(8, len(listed) - 1 if listed else len(question.split()) // 5))

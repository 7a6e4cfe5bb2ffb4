"""The practice judge: rules on an answer, compares two, or rules whether two questions are one, by solving each.

It reads the user's message, whatever stands around these parts, and replies with a short reason and a verdict on the
last line. What it cannot read or cannot solve, and what has an answer of several lines, such as a program, it declines
in words, without a verdict.

    <question>…</question>                                                   Verdict: correct | incorrect
    <answer>…</answer>

    <question>…</question>                                                   Verdict: A | B | tie
    <answer_a>…</answer_a>
    <answer_b>…</answer_b>

    <question_a>…</question_a>                                               Verdict: same | different
    <question_b>…</question_b>

Each part ends at its first closing tag: whoever writes the message spells such a tag in a quoted text otherwise, or
that text could end its part. Of two answers that are both right, or both wrong, neither is better. Two questions are
one where a family reads the same problem from both, however it is put. It errs by `misjudge`, `favour_first` and `mute`
of the table of rates, and nothing that an answer says about itself moves it.
"""

from dataclasses import dataclass
from random import Random

from tasks.extraction.answer import find_answer
from tasks.mathematics.number import compare_quantities, read_quantity, tidy
from tasks.practice.decision import ReplyPlan, declined, plain
from tasks.practice.phrases import phrase
from tasks.practice.problem import Problem
from tasks.practice.rates import Rates

WORDS = {1: ("correct", "incorrect"), 2: ("A", "B", "tie")}
"""The verdicts there are on one answer, and on two."""
LONGEST_QUOTED = 60
"""Characters of a stated answer that the reason repeats."""


@dataclass(frozen=True)
class JudgeTask:
    question: str
    answers: tuple[str, ...]
    """One to rule on, or two to compare."""


def read_case(message: str) -> JudgeTask | None:
    for names in (("answer",), ("answer_a", "answer_b")):
        question, *answers = parts(message, "question", *names)
        given = tuple(answer for answer in answers if answer is not None)
        if question is not None and len(given) == len(names):
            return JudgeTask(question, given)
    return None


def judge(rng: Random, rates: Rates, case: JudgeTask | None, problem: Problem | None) -> tuple[str, ReplyPlan]:
    """Return what the judge says of one answer, and what it was meant to say; `problem` is what the case's question
    states.
    """
    if case is None or problem is None or "\n" in problem.answer:
        text = phrase(rng, "judge.unreadable" if case is None else "judge.unsolvable")
        return text, declined(problem)
    found = verdict([agrees(problem.answer, answer) for answer in case.answers])
    said = found
    if rng.random() < rates.misjudge:
        said = rng.choice([word for word in WORDS[len(case.answers)] if word != found])
    if len(case.answers) == 2 and rng.random() < rates.favour_first:
        said = "A"
    mute = rng.random() < rates.mute
    reason = _reason(rng, case, problem, said)
    return _ruled(problem, reason, None if mute else said, rates.misjudge, said != found)


def read_two(message: str) -> tuple[str, str] | None:
    """Return the questions of a message that asks whether they are one."""
    first, second = parts(message, "question_a", "question_b")
    return (first, second) if first is not None and second is not None else None


def compare(rng: Random, rates: Rates, first: Problem | None, second: Problem | None) -> tuple[str, ReplyPlan]:
    """Return what the judge says of two questions, and what it was meant to say."""
    if first is None or second is None:
        return phrase(rng, "likeness.unreadable"), declined(first)
    slipped = rng.random() < rates.misjudge
    mute = rng.random() < rates.mute
    word = "different" if (first == second) is slipped else "same"
    reason = phrase(rng, f"likeness.{word}", a=first.answer, b=second.answer)
    return _ruled(first, reason, None if mute else word, rates.misjudge, slipped)


def _ruled(problem: Problem, reason: str, said: str | None, rate: float, slipped: bool) -> tuple[str, ReplyPlan]:
    return f"{reason}\nVerdict: {said}" if said else reason, plain(problem, said, rate, slipped)


def verdict(right: list[bool]) -> str:
    """Return the verdict on one answer or two, from whether each is right."""
    if len(right) == 1:
        return "correct" if right[0] else "incorrect"
    return "tie" if right[0] == right[1] else "A" if right[0] else "B"


def agrees(own: str, answer: str) -> bool:
    """Return whether a response ends in this result: the same number, or the same text but for case and dress."""
    stated = find_answer(answer)
    if stated is None:
        return False
    ours, theirs = read_quantity(own), read_quantity(stated.answer)
    if ours is not None and theirs is not None:
        return compare_quantities(ours, theirs).ruling == "correct"
    return tidy(own).casefold() == tidy(stated.answer).casefold()


def _reason(rng: Random, case: JudgeTask, problem: Problem, said: str) -> str:
    """A reason for what is said: where that is wrong, so is the result that the judge claims for its own."""
    given = [quoted(answer) for answer in case.answers]
    right = [agrees(problem.answer, answer) for answer in case.answers]
    own = problem.answer
    if said == "incorrect" and right[0]:
        own = problem.slip(rng).answer
    elif said in ("correct", "A", "B"):
        preferred = "AB".find(said) if len(given) == 2 else 0
        own = own if right[preferred] else given[preferred]
    if len(given) == 2:
        return phrase(rng, "judge.comparisons", own=own, a=given[0], b=given[1])
    return phrase(rng, "judge.agrees" if said == "correct" else "judge.differs", own=own, given=given[0])


def quoted(answer: str) -> str:
    """Return what an answer states, for a reason."""
    stated = find_answer(answer)
    short = stated is not None and "\n" not in stated.answer and len(stated.answer) <= LONGEST_QUOTED
    return stated.answer if stated and short else "something else"


def parts(text: str, *names: str) -> list[str | None]:
    """Return what the first `<name>…</name>` holds for each name, each after the one before; None without one."""
    found: list[str | None] = []
    for name in names:
        inside, closed, rest = text.partition(f"<{name}>")[2].partition(f"</{name}>")
        found.append(inside.strip() if closed else None)
        text = rest if closed else text
    return found

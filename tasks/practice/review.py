"""The practice teacher's second and third look: it checks an attempt, and finishes one after a critique.

It knows these tasks by the parts of the user's message, whatever stands around them.

    <question>…</question>                                                   a reason
    <attempt>…</attempt>                                                     Verdict: holds | flawed

    the same, and <verdict>correct | incorrect</verdict>                     the reason for that alone

    <question>…</question>                                                   an answer as to the question alone,
    <attempt>…</attempt>                                                     without reflections
    <critique>…</critique>

A check solves the question for itself. A wrong attempt it finds out by `catch` of the table of rates, a right one it
takes for wrong by `doubt` times `harm`, and by `mute` it gives no verdict. A revision mends a wrong attempt by `mend`,
and of a right one it believes a critique by `believe`. What it cannot solve, and an answer of several lines, such as a
program, it checks in words, without a verdict.
"""

from dataclasses import dataclass
from random import Random

from tasks.extraction.answer import find_answer
from tasks.practice.decision import ReplyPlan, declined, plain
from tasks.practice.judge import agrees, parts, quoted
from tasks.practice.phrases import PHRASES, phrase
from tasks.practice.problem import Problem, Slip
from tasks.practice.rates import Rates
from tasks.practice.voice import Script, tell
from tasks.wording import say

HOLDS, FLAWED = "holds", "flawed"
_DRAWS = 60
"""Slips that are tried for one that explains a wrong answer."""


@dataclass(frozen=True)
class ReviewTask:
    question: str
    attempt: str
    critique: str | None
    verdict: str | None = None
    """What the asker knows of the attempt: `correct` or `incorrect`."""


def read_case(message: str) -> ReviewTask | None:
    """Return the parts of a message that asks for a check or, with a critique, for a revision."""
    question, attempt, critique = parts(message, "question", "attempt", "critique")
    *_, verdict = parts(message, "question", "attempt", "verdict")
    return None if question is None or attempt is None else ReviewTask(question, attempt, critique, verdict)


def check(
    fate: Random, words: Random, rates: Rates, case: ReviewTask, problem: Problem | None
) -> tuple[str, ReplyPlan]:
    """Return the critique of a draft, and what it was meant to say."""
    if problem is None or "\n" in problem.answer:
        return phrase(words, "judge.unsolvable"), declined(problem)
    right = agrees(problem.answer, case.attempt)
    if case.verdict:
        write = _confirmed if case.verdict == "correct" else _disputed
        return write(words, problem, case, right), plain(problem, case.verdict)
    error = rates.doubt * rates.harm if right else 1 - rates.catch
    mistaken = fate.random() < error
    flawed = right == mistaken
    mute = fate.random() < rates.mute
    said = None if mute else FLAWED if flawed else HOLDS
    text = _disputed(words, problem, case, right) if flawed else _confirmed(words, problem, case, right)
    return f"{text}\n\nVerdict: {said}" if said else text, plain(problem, said, error, mistaken)


def revise(fate: Random, words: Random, rates: Rates, case: ReviewTask, problem: Problem) -> tuple[Script, ReplyPlan]:
    """Return the rest of the attempt: the work done again, well or with a mistake."""
    right = agrees(problem.answer, case.attempt)
    error = rates.believe if right else 1 - rates.mend
    fell = fate.random() < error
    slip = _explanation(words, problem, case.attempt, right) or problem.slip(words)
    script = tell(words, problem, slip, fell, True, ())
    return script, ReplyPlan(problem, False, error, fell, (), script.drafts, script.answer)


def _disputed(rng: Random, problem: Problem, case: ReviewTask, right: bool) -> str:
    """Names the step that went wrong where one mistake explains the answer; of a right attempt one that did not."""
    slip = _explanation(rng, problem, case.attempt, right)
    if slip is None:
        return phrase(rng, "judge.differs", own=problem.answer, given=quoted(case.attempt))
    was, now = (slip.right, slip.wrong) if right else (slip.wrong, slip.right)
    return f"{problem.look(rng, slip, was, now)} {phrase(rng, 'review.carried')}"


def _confirmed(rng: Random, problem: Problem, case: ReviewTask, right: bool) -> str:
    """Goes over the work, with its mistake if it has one."""
    slip = _explanation(rng, problem, case.attempt, right)
    if slip is None:
        return say(rng, PHRASES["teacher.held"][1:])
    return f"{problem.recheck(rng, slip, fell=not right)} {phrase(rng, 'teacher.held')}".rstrip()


def _explanation(rng: Random, problem: Problem, attempt: str, right: bool) -> Slip | None:
    """A slip that leads to the attempt's answer, None where none is found; any of a right attempt."""
    if right:
        return problem.slip(rng)
    stated = find_answer(attempt)
    slips = (problem.slip(rng) for _ in range(_DRAWS))
    return next((slip for slip in slips if stated and slip.answer == stated.answer), None)

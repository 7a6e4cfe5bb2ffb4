"""Questions that are drawn, and stay those that were drawn first.

A family of reasoning-gym may draw others in an equal process (`codeio` of 0.1.25: 1 or 2 of 20), and a plan is its
questions. So what a plan drew lands, and the same draw is read from there; a longer one goes on behind it.
"""

from dataclasses import dataclass

from schemas.question import Drawn, Question
from schemas.question_source import Questions
from tasks.questions import check_patterns, load
from tasks.questions.seed import Loaded, made
from tasks.questions.source import Draw
from warehouse.reading import Snapshot

_LANDED = "SELECT question_id FROM draws WHERE draw_id = ? ORDER BY number"


@dataclass(frozen=True)
class DrawnOnce:
    questions: list[Question]
    new: tuple[Drawn, ...]
    """What has not landed of which question stands in which place."""

    @property
    def loaded(self) -> Loaded:
        return made(self.questions)


def drawn_once(settings: Questions, seed: int, draw: Draw, before: Snapshot) -> DrawnOnce:
    """Return the questions of a draw: those that have landed, and behind them what else is wanted. Raises `Refused`."""
    check_patterns(settings)
    first = landed(draw.draw_id, before)
    if len(first) >= draw.wanted:
        return DrawnOnce(first[: draw.wanted], ())
    known = {question.question_id for question in first}
    more = [seed.question for seed in load(settings, seed).seeds][len(first) :]
    new = [question for question in more if question.question_id not in known]
    rows = enumerate(new, start=len(first))
    added = (Drawn(draw_id=draw.draw_id, question_id=each.question_id, number=number) for number, each in rows)
    return DrawnOnce([*first, *new], tuple(added))


def landed(draw_id: str, before: Snapshot) -> list[Question]:
    """Return the questions of a draw, in its order."""
    _, rows = before.ask(_LANDED, [draw_id])
    ids = [question_id for (question_id,) in rows]
    by_id = {question.question_id: question for question in before.rows(Question, "question_id", ids)}
    return [by_id[question_id] for question_id in ids]

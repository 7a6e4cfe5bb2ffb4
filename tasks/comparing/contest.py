"""Two answers to one question, and which of them a judge prefers: asked in both orders. Pure."""

from typing import NamedTuple

from schemas.prompts import Prompts
from schemas.question import Question
from schemas.verdict import Reason
from tasks.judging.rubric import (
    EVIDENCE_CHARACTERS,
    PREFERENCES,
    SHIPPED,
    AskFor,
    RubricSpec,
    both_orders,
    read_verdict,
    without_verdict,
)
from tasks.judging.spec import read_spec
from tasks.judging.verifiers import VERIFIERS
from tasks.parsing.grammar import parse
from tasks.parsing.thinking import after_thinking
from tasks.replay.procedure import Procedure

_FIRST = {"a": 1.0, "b": 0.0, "tie": 0.5}


class Contest(NamedTuple):
    """What is compared."""

    id: str
    """The question's own, or its key."""
    case: RubricSpec
    """The question, the rubric and the reference."""
    answer_a: str
    answer_b: str
    """What is judged of each: its output."""


class RuledContest(NamedTuple):
    """What the judge said of a contest. A preference is 1 for A, 0 for B, 0.5 for a tie."""

    contest: Contest
    a_first: float | None
    """With A's answer shown first; None where there is no verdict."""
    b_first: float | None
    """With B's shown first."""
    reason: Reason | None
    """Why there is no preference; None where there is."""
    evidence: str
    """The judge's own words, shortened."""

    @property
    def preference(self) -> float | None:
        """The mean of both orders: a judge that contradicts itself has said that neither is better."""
        return None if self.a_first is None or self.b_first is None else (self.a_first + self.b_first) / 2


def contest_of(question: Question, text_a: str, text_b: str, rubric: str) -> Contest:
    """Make a contest of two whole responses; only what follows the thinking is judged, as the benchmarks of Reflection
    70B were.

    A question of kind `judge` has its rubric in its spec; for the others it is `rubric`, and the gold is the reference.
    Raises `ValueError` for a spec that cannot be read.
    """
    given = {"question": question.text, "rubric": rubric, "reference": question.gold}
    spec = question.spec if VERIFIERS[question.kind].spec is RubricSpec else "{}"
    case = read_spec(spec, RubricSpec, given).model_copy(update={"rival": None})
    return Contest(question.external_id or question.question_id, case, judged_text(text_a), judged_text(text_b))


def judged_text(response: str) -> str:
    """Return what a reader of a response gets: the output, else what follows the thinking, else all of it."""
    parsed = parse(response)
    if parsed.output:
        return parsed.output.of(response).strip()
    rest = after_thinking(response)
    if rest is None:
        return response.strip()
    return rest.place.of(response).strip() if rest.closed else ""


def rule(ask: AskFor, contest: Contest, prompts: Prompts = SHIPPED) -> Procedure[RuledContest]:
    """Have a judge rule on a contest, in two calls; equal answers are a tie without any."""
    if contest.answer_a == contest.answer_b:
        return RuledContest(contest, 0.5, 0.5, None, "the same text")
    replies = yield from both_orders(ask, contest.case, contest.answer_a, contest.answer_b, prompts)
    words = [read_verdict(reply, PREFERENCES) for reply in replies]
    failed = next((word for word in words if isinstance(word, Reason)), None)
    first, second = (None if isinstance(word, Reason) else _FIRST[word] for word in words)
    evidence = " | ".join(" ".join(without_verdict(reply).split())[-EVIDENCE_CHARACTERS:] for reply in replies)
    return RuledContest(contest, first, None if second is None else 1 - second, failed, evidence)

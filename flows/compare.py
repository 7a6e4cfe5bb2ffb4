"""Two sides and who answers better: a judge compares them in both orders, through the ledger of a warehouse."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.answering import AnsweringModel, judge_model
from flows.calling import Caller
from schemas.call import Call, CallEnd, Message
from schemas.configuration import LineConfiguration
from schemas.errors import Refused
from schemas.question import Question
from schemas.record import content_key
from schemas.teacher import JudgeSettings
from tasks.asking.sampling import request
from tasks.comparing.contest import RuledContest, contest_of, rule
from tasks.comparing.win_rate import Comparison, compare
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.strategy import said
from warehouse.landing import Warehouse

NO_ANSWER = "no_answer_of_"


class Side(NamedTuple):
    """What is compared: answers that are there, or a model that is asked for them."""

    name: str
    answers: Mapping[str, str] | None = None
    """By question_id, the whole response."""
    model: AnsweringModel | None = None


class Compared(NamedTuple):
    comparison: Comparison
    ruled: list[RuledContest]
    """In the order of the questions."""
    unanswered: dict[str, str]
    """By question_id, why a question could not be compared: a side has no answer, or its spec cannot be read."""

    @property
    def reasons(self) -> dict[str, int]:
        """How many questions could not be compared for which reason."""
        return dict(sorted(Counter(self.unanswered.values()).items()))


def compare_sides(
    questions: Sequence[Question],
    a: Side,
    b: Side,
    warehouse: Warehouse,
    configuration: LineConfiguration,
    rubric: str = "answer",
    fresh: str = "",
    say: Callable[[str], object] = lambda line: None,
) -> Compared:
    """Have `configuration.judge` (the practice judge where there is none) prefer one of two answers to each question.

    Every answer and every ruling that has to be asked for is a keyed call within `configuration.budget`, in the
    warehouse's ledger; the same comparison again costs nothing. Raises `Refused`, `BudgetReached` or `Incomplete`.
    """
    golds = {question.text: question.gold for question in questions if question.gold}
    judge = judge_model(configuration.judge or JudgeSettings(), golds)
    seed = configuration.run.seed

    def ask_judge(messages: Sequence[Message]) -> AskModel:
        return AskModel(request(judge.settings, judge.endpoint, messages, seed, fresh=fresh))

    def contest(question: Question) -> Procedure[RuledContest | str]:
        needed = [AskModel(side.model.request(question.text, seed, fresh=fresh)) for side in (a, b) if side.model]
        calls: Iterator[Call] = iter((yield needed) if needed else [])
        given = [(side.answers or {}).get(question.question_id) for side in (a, b)]
        texts = [_said(next(calls)) if side.model else text for side, text in zip((a, b), given, strict=True)]
        for which, text in zip("ab", texts, strict=True):
            if text is None:
                return f"{NO_ANSWER}{which}"
        try:
            compared = contest_of(question, str(texts[0]), str(texts[1]), rubric)
        except ValueError:
            return "bad_spec"
        return (yield from rule(ask_judge, compared, judge.settings.prompts))

    procedures = {question.question_id: contest(question) for question in questions}
    models = [side.model for side in (a, b) if side.model] + [judge]
    account = content_key("compare", sorted(procedures), a.name, b.name, judge.endpoint, judge.settings.model, fresh)
    found = Caller(warehouse, configuration, models, say).run(procedures, "compare", account)
    ruled = [outcome for outcome in found.values() if isinstance(outcome, RuledContest)]
    unanswered = {question_id: outcome for question_id, outcome in found.items() if isinstance(outcome, str)}
    compared = Compared(compare(ruled, seed), ruled, unanswered)
    if not ruled:
        reasons = ", ".join(f"{reason} ({n})" for reason, n in compared.reasons.items())
        raise Refused(f"compare: none of {len(questions)} questions has an answer of both sides: {reasons}")
    return compared


def _said(call: Call) -> str | None:
    return said(call).text if call.ended is CallEnd.ANSWERED else None

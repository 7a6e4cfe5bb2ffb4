"""What a run will cost, said before it: from calls of the same teacher, or from a sample of those that are due."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from time import monotonic

from flows.preparation import Preparation
from flows.prepared import DueCalls
from flows.teacher_address import teacher_address
from schemas.budget import Cap
from schemas.call import Request
from schemas.teacher import DrafterSettings, TeacherSettings
from tasks.asking.forecast import Forecast, History, both, forecast, history_of
from tasks.asking.in_process import teacher_in_process
from warehouse.catalog import query_text
from warehouse.journal import Journal

SAMPLE = 10


def forecast_of(preparation: Preparation, due: DueCalls, sample_s: float = 0.0) -> Forecast:
    """Send nothing. Calls that follow from their answers are not counted. Of drafts and a teacher's calls, the sum.
    `sample_s`: what a sample of a teacher's just took.
    """
    plan, settings = preparation.plan, preparation.configuration
    others = (request for request in due if not plan.is_draft(request))
    of_teacher = _forecast(preparation, others, settings.teacher, sample_s)
    if not plan.drafting:
        return of_teacher
    of_drafter = _forecast(preparation, filter(plan.is_draft, due), settings.drafter or DrafterSettings())
    if not of_drafter.calls:
        return of_teacher
    return both(of_drafter, of_teacher) if of_teacher.calls else of_drafter


def _forecast(
    preparation: Preparation, due: Iterator[Request], settings: TeacherSettings, sample_s: float = 0.0
) -> Forecast:
    first = next(due, None)
    if first is None:
        return forecast((), settings, History(0, 0, 0))
    return forecast(chain([first], due), settings, _history(preparation, first, sample_s))


def ask_sample(preparation: Preparation, due: DueCalls, cap: Cap | None) -> float:
    """Have the first few calls answered; how many seconds that took. They are calls of the plan: the run finds their
    answers in the journal.
    """
    with teacher_address(preparation.configuration.teacher, wanted=True, golds=lambda: preparation.golds) as address:
        assert address
        settings, journal = preparation.configuration, preparation.warehouse.journal_path
        with teacher_in_process(settings.teacher, address, journal, cap, settings.run.grace_s) as ask:
            began = monotonic()
            ask(list(islice(due, SAMPLE)))
            return monotonic() - began


def _history(preparation: Preparation, like: Request, sample_s: float) -> History:
    """Of the warehouse, and of the journal where a sample was just asked or a run was cut short."""
    of_teacher = {"endpoint": like.endpoint, "model": like.model}
    _, [landed] = preparation.before.ask(query_text("history"), of_teacher)
    with closing(Journal(preparation.warehouse.journal_path)) as journal:
        answered = journal.answers(preparation.plan.asked).values()
        journaled = history_of(call for call in answered if call.endpoint == like.endpoint)
    if sample_s:
        journaled = journaled._replace(timed_calls=journaled.calls, wall_s=sample_s)
    return History(*(sum(pair) for pair in zip(landed, journaled, strict=True)))

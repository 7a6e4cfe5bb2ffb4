"""What a run will cost, said before it: from calls of the same teacher, or from a sample of those that are due."""

from contextlib import closing
from time import monotonic

from flows.preparation import Preparation
from flows.teacher_address import teacher_address
from schemas.budget import Cap
from schemas.call import Request
from schemas.teacher import DrafterSettings
from tasks.asking.forecast import Forecast, History, both, forecast, history_of
from tasks.asking.in_process import teacher_in_process
from warehouse.catalog import query_text
from warehouse.journal import Journal

SAMPLE = 10


def forecast_of(preparation: Preparation, due: list[Request], sample_s: float = 0.0) -> Forecast:
    """Send nothing. Calls that follow from their answers are not counted. Of drafts and a teacher's calls, the sum.
    `sample_s`: what a sample of a teacher's just took.
    """
    drafts = [request for request in due if preparation.plan.is_draft(request)]
    others = [request for request in due if not preparation.plan.is_draft(request)]
    of_teacher = forecast(others, preparation.configuration.teacher, _history(preparation, others, sample_s))
    if not drafts:
        return of_teacher
    drafter = preparation.configuration.drafter or DrafterSettings()
    of_drafter = forecast(drafts, drafter, _history(preparation, drafts))
    return both(of_drafter, of_teacher) if others else of_drafter


def ask_sample(preparation: Preparation, due: list[Request], cap: Cap | None) -> float:
    """Have the first few calls answered; how many seconds that took. They are calls of the plan: the run finds their
    answers in the journal.
    """
    with teacher_address(preparation.configuration.teacher, wanted=True, golds=lambda: preparation.golds) as address:
        assert address
        settings, journal = preparation.configuration, preparation.warehouse.journal_path
        with teacher_in_process(settings.teacher, address, journal, cap, settings.run.grace_s) as ask:
            began = monotonic()
            ask(due[:SAMPLE])
            return monotonic() - began


def _history(preparation: Preparation, requests: list[Request], sample_s: float = 0.0) -> History:
    """Of the warehouse, and of the journal where a sample was just asked or a run was cut short."""
    if not requests:
        return History(0, 0, 0)
    of_teacher = {"endpoint": requests[0].endpoint, "model": requests[0].model}
    _, [landed] = preparation.before.ask(query_text("history"), of_teacher)
    with closing(Journal(preparation.warehouse.journal_path)) as journal:
        asked = preparation.plan.requests.items()
        wanted = [call_id for call_id, request in asked if request.endpoint == requests[0].endpoint]
        journaled = history_of(journal.answers(wanted).values())
    if sample_s:
        journaled = journaled._replace(timed_calls=journaled.calls, wall_s=sample_s)
    return History(*(sum(pair) for pair in zip(landed, journaled, strict=True)))

"""Procedures that models answer, through a warehouse's journal: each call is keyed, within a budget, and lands."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from typing import TypeVar

from flows.accounts import cost_of
from flows.answering import AnsweringModel
from flows.how_calls_ended import check_answered, refusal_of_all
from flows.run_row import run_beside_plans
from flows.teacher_address import check_teacher
from schemas.call import Outcome, Request
from schemas.configuration import LineConfiguration
from schemas.errors import AllRefused, Refused
from schemas.record import Record
from schemas.run import Ledger
from tasks.asking.budget import Account, open_account
from tasks.asking.in_process import teacher_in_process
from tasks.replay.engine import Engine
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import Procedure, Progress
from warehouse.disk import private_files
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.packed_keys import PackedKeys
from warehouse.reading import Snapshot

K = TypeVar("K")
T = TypeVar("T")
Say = Callable[[str], object]


class Caller:
    """Has what procedures need asked of the models that they name by their requests' endpoint."""

    def __init__(
        self, warehouse: Warehouse, configuration: LineConfiguration, models: Sequence[AnsweringModel], say: Say
    ) -> None:
        self._warehouse, self._configuration, self._say = warehouse, configuration, say
        self._models = {(model.endpoint, model.settings.model): model for model in models}

    def run(self, procedures: Mapping[K, Procedure[T]], flow: str, account: str) -> dict[K, T]:
        """Return what each comes to. `account` names the calls whose budget it is; their row in `runs` says which
        `flow`.

        The same call never costs twice, in whichever run. Raises `BudgetReached` or `Incomplete` where calls have no
        answer yet, and `AllRefused` where an endpoint refused all of them.
        """
        self._warehouse.create()
        progress = {key: Progress(procedure) for key, procedure in procedures.items()}

        def bill() -> tuple[Ledger, float | None]:
            calls = [call_id for each in progress.values() for call_id in each.requests]
            with Snapshot(self._warehouse) as now, closing(Journal(self._warehouse.journal_path)) as journal:
                ledger = journal.ledger(calls)
                return ledger, cost_of(now, PackedKeys(calls), ledger, journal)

        with private_files(), self._warehouse.sole_writer():
            run_beside_plans(
                self._warehouse, self._configuration, flow, account, partial(self._run, progress, account), bill
            )
        return {key: each.result for key, each in progress.items() if each.is_over and each.result is not None}

    def _run(self, progress: dict[K, Progress[T]], account: str, run_id: str) -> None:
        land = partial(self._land, run_id)
        journal_path = self._warehouse.journal_path
        with Snapshot(self._warehouse) as now, closing(Journal(journal_path)) as journal:
            engine = Engine(Lookup(now, journal), journal, land)
            engine.run(progress, f"{account} calls", partial(self._ask, progress, account))
            engine.close()
        if engine.pending:
            check_answered(engine.pending, lambda: self._open_account(progress, account))
        if found := refusal_of_all(engine.ended):
            raise AllRefused(found.said)

    def _land(self, run_id: str, table: str, rows: Sequence[Record], unit: str) -> None:
        self._warehouse.land(table, rows, run_id, unit)

    def _ask(self, progress: dict[K, Progress[T]], account: str, requests: list[Request]) -> list[Outcome]:
        def of(request: Request) -> tuple[str, str]:
            return request.endpoint, request.model

        outcomes: list[Outcome] = []
        for key, group in groupby(sorted(requests, key=of), of):
            outcomes += self._ask_one(self._models[key], progress, account, list(group))
        return outcomes

    def _ask_one(
        self, model: AnsweringModel, progress: dict[K, Progress[T]], account: str, requests: list[Request]
    ) -> list[Outcome]:
        opened, journal_path = self._open_account(progress, account), self._warehouse.journal_path
        cap = opened.cap if opened else None
        self._say(f"{len(requests)} calls of {model.name}")
        with model.listening() as address:
            if model.settings.base_url.startswith("http"):
                check_teacher(model.settings)
            grace_s = self._configuration.run.grace_s
            with teacher_in_process(model.settings, address, journal_path, cap, grace_s) as answer:
                return answer(requests)

    def _open_account(self, progress: dict[K, Progress[T]], account: str) -> Account | None:
        """The budget: all calls that may have been sent count, whoever paid for them. None without one."""
        budget = self._configuration.budget
        if not budget.is_set:
            return None
        requests = {key: request for each in progress.values() for key, request in each.requests.items()}
        for request in requests.values():
            settings = self._models[request.endpoint, request.model].settings
            if not settings.is_bounded:
                raise Refused("max_tokens: got none; a budget needs it, because it bounds what a call may cost")
            if budget.usd is not None and not settings.is_priced:
                raise Refused(
                    f"budget.usd: got a limit, and the prices of {request.model} are unknown; set"
                    " usd_per_million_input and usd_per_million_output of its section, or give budget.tokens"
                )
        asked = ((key, r, self._models[r.endpoint, r.model].settings) for key, r in requests.items())
        return open_account(budget, account, asked, self._warehouse.journal_path)

"""Has a teacher judge pairs of questions, through a journal: an answer is paid for once."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from flows.teacher_address import check_teacher, teacher_address, teacher_identity
from schemas.call import Call, Outcome, Request
from schemas.record import Record
from schemas.teacher import TeacherSettings
from tasks.asking.in_process import teacher_in_process
from tasks.asking.sampling import request
from tasks.contamination.judge import Messages
from tasks.curation.policy import Policy
from tasks.curation.rules.contamination import ContaminationRule
from tasks.replay.engine import Engine
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import AskModel, Procedure
from tasks.secret import secret
from warehouse.journal import Journal
from warehouse.landing import Warehouse


def judge_of(policy: Policy, warehouse: Warehouse) -> "PairJudge | None":
    """Return the judge that a policy's detectors ask, through the warehouse's journal; None where they ask none."""
    rule = policy.section(ContaminationRule)
    return PairJudge(rule.judge, warehouse.journal_path) if rule.is_on and rule.asks else None


class PairJudge:
    """What the judging detector asks. Keeps its terminal calls, for whoever lands them."""

    def __init__(self, settings: TeacherSettings, journal: Path) -> None:
        """Raises `Refused` when the key is not there."""
        if settings.api_key:
            secret("contamination.judge.api_key", settings.api_key)
        self._settings, self._journal = settings, journal
        self.calls: list[Call] = []

    def __call__(self, conversations: Sequence[Messages]) -> list[str | None]:
        """Raises `Refused` when the endpoint would refuse every call. A call without an answer gives None."""
        if not conversations:
            return []
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        endpoint = teacher_identity(self._settings)
        requests = [request(self._settings, endpoint, messages, seed=0) for messages in conversations]
        with closing(Journal(self._journal)) as journal:
            engine = Engine(Lookup(None, journal), journal, self._keep)
            progress = engine.run(dict(enumerate(map(_reply, requests))), "contamination", self._ask)
        return [each.result for each in progress.values()]

    def _ask(self, requests: list[Request]) -> list[Outcome]:
        check_teacher(self._settings)
        with teacher_address(self._settings, wanted=True) as address:
            assert address is not None
            with teacher_in_process(self._settings, address, self._journal) as ask:
                return ask(requests)

    def _keep(self, table: str, rows: Sequence[Record], unit: str) -> None:
        self.calls += [row for row in rows if isinstance(row, Call)]


def _reply(asked: Request) -> Procedure[str | None]:
    call: Call = yield AskModel(asked)
    return call.content

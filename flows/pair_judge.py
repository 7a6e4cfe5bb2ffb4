"""Has a teacher judge pairs of questions, through a journal: an answer is paid for once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from flows.teacher_address import check_teacher, teacher_address, teacher_identity
from schemas.call import Call, Request
from schemas.configuration import TeacherSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.in_process import teacher_alone
from tasks.asking.sampling import sampling
from tasks.contamination.judge import Messages
from tasks.curation.policy import Policy
from tasks.curation.rules.contamination import ContaminationRule
from tasks.secret import secret
from warehouse.landing import Warehouse


def judge_of(policy: Policy, warehouse: Warehouse) -> "PairJudge | None":
    """The judge that a policy's detectors ask, through the warehouse's journal; None where they ask none."""
    rule = policy.section(ContaminationRule)
    return PairJudge(rule.judge, warehouse.journal_path) if rule.is_on and rule.asks else None


class PairJudge:
    """What the judging detector asks. Keeps its terminal calls, for whoever lands them."""

    def __init__(self, settings: TeacherSettings, journal: Path) -> None:
        """Raises `Refused` when the key is not there."""
        if settings.api_key:
            secret("contamination.judge.api_key", settings.api_key)
        self._settings = settings
        self._journal = journal
        self.calls: list[Call] = []

    def __call__(self, conversations: Sequence[Messages]) -> list[str | None]:
        """Raises `Refused` when the endpoint would refuse every call. A call without an answer gives None."""
        if not conversations:
            return []
        check_teacher(self._settings)
        requests = [self._request(messages) for messages in conversations]
        with teacher_address(self._settings, wanted=True) as address:
            assert address is not None
            answered = asyncio.run(self._answers(requests, address))
        self.calls += answered.values()
        ended = [answered.get(request.call_id) for request in requests]
        return [call.content if call else None for call in ended]

    async def _answers(self, requests: list[Request], address: TeacherAddress) -> dict[str, Call]:
        async with teacher_alone(self._settings, address, self._journal) as teacher:
            outcomes = await teacher.answer(requests)
        return {outcome.call_id: outcome.call for outcome in outcomes if outcome.call}

    def _request(self, messages: Messages) -> Request:
        return Request(
            endpoint=teacher_identity(self._settings),
            model=self._settings.model,
            messages=messages,
            sampling=sampling(self._settings, seed=0, sample_index=0),
            sample_index=0,
            fresh="",
        )

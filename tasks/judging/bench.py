"""Kind `judge` in a run: what the model that judges is asked about traces, and the verdicts that follow. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.call import Call, CallEnd, Message, Request
from schemas.configuration import TeacherSettings
from schemas.question import Question
from schemas.record import content_key
from schemas.trace import Trace
from schemas.verdict import Verdict
from tasks.asking.sampling import sampling
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import Verifier
from tasks.prompts import prompt

Jobs = Sequence[tuple[Trace, Question]]
_PROMPTS = ("judge", "judge_pair", "rubric_answer", "rubric_translation")


@dataclass(frozen=True)
class Bench:
    """The model that judges, as its calls are keyed."""

    settings: TeacherSettings
    endpoint: str
    """The identity, not the address."""
    seed: int
    fresh: str

    @cached_property
    def judge(self) -> str:
        """What its verdicts depend on beside the traces: part of their verifier's version."""
        asked = sampling(self.settings, self.seed, 0)
        texts = [prompt(name, self.settings.prompts) for name in _PROMPTS]
        return content_key("judge", self.endpoint, self.settings.model, asked.model_dump(), texts, self.fresh)

    def requests(self, jobs: Jobs) -> dict[str, Request]:
        """By call_id, everything that has to be asked to judge these traces. None of it depends on a reply."""
        asked: dict[str, Request] = {}

        def ask(messages: Sequence[Message]) -> None:
            request = self._request(messages)
            asked[request.call_id] = request

        Verifier(ask=ask, judge=self.judge, prompts=self.settings.prompts).verify_traces(jobs)
        return asked

    def verdicts(self, jobs: Jobs, calls: Mapping[str, Call]) -> list[Verdict]:
        """A verdict on each trace for which every call has ended; the others wait for theirs."""
        ready = [job for job in jobs if self.requests([job]).keys() <= calls.keys()]

        def ask(messages: Sequence[Message]) -> str | None:
            call = calls[self._request(messages).call_id]
            return call.content if call.ended is CallEnd.ANSWERED else None

        return Verifier(ask=ask, judge=self.judge, prompts=self.settings.prompts).verify_traces(ready)

    def _request(self, messages: Sequence[Message]) -> Request:
        return Request(
            endpoint=self.endpoint,
            model=self.settings.model,
            messages=tuple(messages),
            sampling=sampling(self.settings, self.seed, 0),
            sample_index=0,
            fresh=self.fresh,
        )


def parted(jobs: Jobs) -> tuple[list[tuple[Trace, Question]], list[tuple[Trace, Question]]]:
    """Those that only a model can judge, and the others."""
    sides: tuple[list[tuple[Trace, Question]], list[tuple[Trace, Question]]] = ([], [])
    for trace, question in jobs:
        sides[not VERIFIERS[question.kind].asks_model].append((trace, question))
    return sides

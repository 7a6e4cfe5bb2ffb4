"""A model that judges, as kind `judge` has it: what it is asked about traces, and the verdicts that follow. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.call import Message
from schemas.question import Question
from schemas.record import content_key
from schemas.teacher import TeacherSettings
from schemas.trace import Trace
from schemas.verdict import Judgement, Reason, Verdict
from tasks.asking.sampling import request, sampling_key
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verifiers.verifier import Reference
from tasks.judging.verify import trace_verdict
from tasks.prompts import prompt
from tasks.replay.procedure import AskModel, Group, Procedure

_PROMPTS = ("judge", "judge_pair", "rubric_answer", "rubric_translation")


@dataclass(frozen=True)
class LLMJudge:
    """The model that judges, as its calls are keyed."""

    settings: TeacherSettings
    endpoint: str
    """The identity, not the address."""
    seed: int
    fresh: str

    @cached_property
    def identity(self) -> str:
        """What its verdicts depend on beside the traces: part of their verifier's version."""
        asked = sampling_key(self.settings, self.seed)
        texts = [prompt(name, self.settings.prompts) for name in _PROMPTS]
        return content_key("judge", self.endpoint, self.settings.model, asked, texts, self.fresh)

    def verdict(self, trace: Trace, question: Question) -> Procedure[Verdict]:
        """Have it judge each answer of a trace once, the drafts among them, all side by side."""
        answers = dict.fromkeys([*(draft.answer for draft in trace.draft_answers if draft), trace.answer])
        group = Group()
        judging = {answer: group.start(self._judge(answer, question)) for answer in answers}
        while group.due:
            yield from group.step()
        judged = {answer: each.result for answer, each in judging.items() if each.result}
        return trace_verdict(trace, question, judged.__getitem__, self.identity)

    def _judge(self, answer: str | None, question: Question) -> Procedure[Judgement]:
        if answer is None or not answer.strip():
            return Judgement.of(Reason.NO_ANSWER, None)
        reference = Reference(question.gold or "", question.spec, question.text)
        verifier = VERIFIERS[question.kind]
        return (yield from verifier.judge_by_model(answer, reference, self._ask, self.settings.prompts))

    def _ask(self, messages: Sequence[Message]) -> AskModel:
        return AskModel(request(self.settings, self.endpoint, messages, self.seed, fresh=self.fresh))

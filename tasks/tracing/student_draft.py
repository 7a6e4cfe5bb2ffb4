"""Drafts by the student that is to be trained; the teacher reflects on what the verifier found wrong. Pure.

the student's draft ─► verifier ─┬─ wrong ─► the teacher names the flaw ─► and goes on from there
                                 ├─ right ─► for a share of them: the teacher checks, and the draft's answer stands
                                 └─ unverified: it ends there
"""

from schemas.call import Request
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.record import content_key
from schemas.trace import Structure
from schemas.verdict import Ruling, Verdict
from tasks.asking.sampling import request, sampling_key, with_question_seed
from tasks.judging.rubric import without_verdict
from tasks.parsing.grammar import STOPPED, parse
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.compose_trace import COMPOSED, conclude, draft_and_critique, go_on_thinking, with_tags
from tasks.tracing.draft_verdict import draft_need
from tasks.tracing.strategy import Answer, Drafting, Failed, Strategy, said


class StudentDraft(Strategy):
    """A draft without tags is given them; one with another defect is kept as it is, and so is what is cut off."""

    prompts = ("solve", "flaw", "confirm", "revise")
    asks_for_tags = False
    version = f"1+{COMPOSED}"

    @property
    def key(self) -> tuple[str, ...]:
        """With the teacher, whom the first call says nothing of."""
        who = self._drafting
        sampled = sampling_key(self.teacher, who.seed)
        teacher = content_key("teacher", who.teacher_endpoint, self.teacher.model, sampled, self.teacher.suffix)
        return (*super().key, teacher, f"{who.settings.confirm:g}")

    @property
    def _drafting(self) -> Drafting:
        assert self.drafting
        return self.drafting

    def first_request(self, text: str, sample_index: int, endpoint: str, seed: int, fresh: str) -> Request:
        """Return the request for the student's draft. `endpoint` is the teacher's."""
        who = self._drafting
        return request(who.settings, who.endpoint, self.opening(who.settings, text), seed, sample_index, fresh)

    def steps(self, first: AskModel, question: Question) -> Procedure[Answer]:
        call = yield from self.answer(first)
        if call.finish_reason in STOPPED:
            raise Failed(FailureReason.DRAFT_UNVERIFIED)
        draft = with_tags(said(call), question)
        parsed = parse(*draft)
        if parsed.structure is not Structure.OK or parsed.output is None:
            return draft
        verdict: Verdict = yield draft_need(call.call_id, said(call).text, question)
        if verdict.verdict is Ruling.UNVERIFIED:
            raise Failed(FailureReason.DRAFT_UNVERIFIED)
        right = verdict.verdict is Ruling.CORRECT
        if right and int(content_key("confirm", call.call_id)[:8], 16) >= self._drafting.settings.confirm * 2**32:
            raise Failed(FailureReason.DRAFT_CORRECT)
        teacher = self._teacher(first, question)
        parts = {"question": self.asked(self.teacher, question.text).content, "attempt": said(call).text}
        looked = self.conversation(teacher, "confirm" if right else "flaw", **parts, verdict=verdict.verdict.value)
        look = yield from self.answer(looked)
        critique = without_verdict(look.content)
        if not critique:
            raise Failed(FailureReason.CHECK_UNCLEAR)
        so_far = draft_and_critique(draft.text, parsed, question, critique)
        if look.finish_reason in STOPPED:
            return Answer(so_far, look.finish_reason)
        if right:
            return Answer(conclude(so_far, parsed.output.of(draft.text)), look.finish_reason)
        asked = self.conversation(teacher, "revise", **parts, critique=critique)
        revision = with_tags(said((yield from self.answer(asked))), question)
        return Answer(go_on_thinking(so_far, revision.text), revision.finish_reason)

    def _teacher(self, first: AskModel, question: Question) -> AskModel:
        """What its conversations are made of: its sampling, with the seed that its own first call would have."""
        who, asked = self._drafting, first.request
        plain = request(self.teacher, who.teacher_endpoint, (), who.seed, asked.sample_index, asked.fresh)
        return AskModel(with_question_seed(plain, who.seed, question.text))

"""A draft; a fresh conversation that checks it and never sees the gold; a revision only if a flaw was claimed. Pure.

draft ─► check, in a conversation of its own ─┬─ holds: done
                                              └─ flawed ─► revise
"""

from typing import ClassVar

from schemas.failure import FailureReason
from schemas.question import Question
from schemas.trace import Structure
from tasks.judging.rubric import read_verdict, without_verdict
from tasks.parsing.grammar import STOPPED, parse
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.compose_trace import COMPOSED, conclude, draft_and_critique, go_on_thinking, with_tags
from tasks.tracing.strategy import Answer, Failed, Strategy, said

HOLDS, FLAWED = "holds", "flawed"
"""The verdicts of a check."""


class DraftReflectRevise(Strategy):
    """A draft with a defect, and a draft or a check that is kept although it was cut off, end the attempt as it is
    then: there is nothing whole to go on from.
    """

    prompts: ClassVar[tuple[str, ...]] = ("draft", "check", "revise")
    version = COMPOSED
    _revises_in_doubt: ClassVar[bool] = False
    """Whether a check without a verdict leads to a revision; else it ends the attempt."""

    def steps(self, first: AskModel, question: Question) -> Procedure[Answer]:
        written = said((yield from self.answer(first)))
        draft = self._formed(written, question)
        parsed = parse(*draft)
        if parsed.structure is not Structure.OK or parsed.output is None:
            return draft
        asked = first.request.messages[-1].content
        check = yield from self.answer(self.conversation(first, self.prompts[1], question=asked, attempt=written.text))
        critique = without_verdict(check.content)
        verdict = read_verdict(check.content, (HOLDS, FLAWED))
        so_far = draft_and_critique(draft.text, parsed, question, critique)
        if verdict not in (HOLDS, FLAWED) and check.finish_reason in STOPPED:
            return Answer(so_far, check.finish_reason)
        if not critique or (verdict not in (HOLDS, FLAWED) and not self._revises_in_doubt):
            raise Failed(FailureReason.CHECK_UNCLEAR)
        if verdict == HOLDS:
            return Answer(conclude(so_far, parsed.output.of(draft.text)), draft.finish_reason)
        parts = {"question": asked, "attempt": written.text, "critique": critique}
        asked_again = self.conversation(first, self.prompts[2], **parts)
        revision = self._formed(said((yield from self.answer(asked_again))), question)
        return Answer(go_on_thinking(so_far, revision.text), revision.finish_reason)

    def _formed(self, written: Answer, question: Question) -> Answer:
        return written


class AssembledTags(DraftReflectRevise):
    """The same for a model that does not keep to tags: it is told of none, and they are put around what it writes. A
    check without a verdict leads to a revision, too.
    """

    prompts = ("solve", "check", "finish")
    version = f"1+{COMPOSED}"
    asks_for_tags = False
    _revises_in_doubt = True

    def _formed(self, written: Answer, question: Question) -> Answer:
        return with_tags(written, question)

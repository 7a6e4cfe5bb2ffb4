"""What a reasoning model thought, with its own second looks as reflections: nothing is added but tags. Pure."""

from collections.abc import Iterable

from schemas.call import Call
from schemas.question import Question
from schemas.teacher import OnTruncation, SegmentedBy
from schemas.trace import Structure
from tasks.asking.compose import compose
from tasks.extraction.segments import Segment, SegmentKind, numbered, read_segments, segments
from tasks.parsing.grammar import parse
from tasks.parsing.thinking import apart
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.strategy import Answer, Failed, Strategy


class ReasoningToReflection(Strategy):
    """One call, and one more where a model says which sentences are a second look. An answer without thinking, with a
    defect or with reflections of its own stays as it is.
    """

    prompts = ("solve", "segment")
    asks_for_tags = False
    version = "1"
    reads_recorded = True

    @property
    def goes_on(self) -> bool:
        return self._asks_model or self.teacher.on_truncation is OnTruncation.EXTEND

    @property
    def key(self) -> tuple[str, ...]:
        return (*super().key, self.teacher.segments)

    @property
    def _asks_model(self) -> bool:
        return self.teacher.segments is SegmentedBy.MODEL

    def steps(self, first: AskModel, question: Question) -> Procedure[Answer]:
        call = yield from self.answer(first)
        text = thought_and_said(call)
        parsed = parse(text, call.finish_reason)
        if parsed.thinking is None or parsed.reflections or parsed.structure is not Structure.OK:
            return Answer(text, call.finish_reason)
        thinking = parsed.thinking.of(text)
        found = (yield from self._named(first, question, thinking)) if self._asks_model else None
        tagged = with_reflections(thinking, found or segments(thinking))
        return Answer(text[: parsed.thinking.start] + tagged + text[parsed.thinking.end :], call.finish_reason)

    def _named(self, first: AskModel, question: Question, thinking: str) -> Procedure[list[Segment] | None]:
        """What the model names; None where its answer is no use, so that the rule decides."""
        asked = self.conversation(first, "segment", question=question.text, attempt=numbered(thinking))
        try:
            reply = yield from self.answer(asked)
        except Failed:
            return None
        return read_segments(thinking, reply.content or "")


def thought_and_said(call: Call) -> str:
    """Return the text of a call, its thinking in our tags also where the content marks it in another way."""
    spelt = None if call.reasoning else apart(call.content or "")
    return compose(spelt[1], spelt[0]) if spelt else compose(call.content, call.reasoning)


def with_reflections(thinking: str, parts: Iterable[Segment]) -> str:
    """Return the text with tags around each check and correction, white space outside them."""
    return "".join(
        _tagged(part.of(thinking)) if part.part is not SegmentKind.DRAFT else part.of(thinking) for part in parts
    )


def _tagged(text: str) -> str:
    inner = text.strip()
    start = text.index(inner)
    return f"{text[:start]}<reflection>{inner}</reflection>{text[start + len(inner) :]}"

"""One call, whose answer is the trace. Pure."""

from schemas.question import Question
from schemas.teacher import OnTruncation
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.strategy import Answer, Strategy, said


class SinglePass(Strategy):
    prompts = ("reflection",)

    @property
    def goes_on(self) -> bool:
        return self.teacher.on_truncation is OnTruncation.EXTEND

    @property
    def key(self) -> tuple[str, ...]:
        """Empty for the default, which asks no more and keeps what comes."""
        return () if set(self.policies) == {"keep"} else (self.teacher.strategy, *self.policies)

    def steps(self, first: AskModel, question: Question) -> Procedure[Answer]:
        return said((yield from self.answer(first)))

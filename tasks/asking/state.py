"""How far a teacher is, for those who watch."""

from dataclasses import dataclass

from schemas.call import Call, SendEnd
from tasks.asking.call_outcome import OUTCOMES, CallOutcome
from tasks.asking.reply import SendResult


@dataclass(slots=True)
class TeacherState:
    """What one teacher, or several together, have done since they were made."""

    in_flight: int = 0
    done: int = 0
    """Requests that have ended, also those whose answer the journal had."""
    answered: int = 0
    """Sends that brought a whole answer."""
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    """None once a cost was not known."""
    rate_limited: int = 0
    """Answers that asked to come later."""
    error: str | None = None
    """How the last send ended that brought no answer."""
    away: str | None = None
    """Why nothing is sent at present: how the last look ended at an endpoint that is away."""

    def hear(self, ended: SendResult, call: Call | None) -> None:
        """Count what a send brought, and the call that it ended."""
        self.answered += OUTCOMES[ended.outcome].send is SendEnd.ANSWERED
        self.completion_tokens += ended.completion.usage.completion_tokens or 0
        self.rate_limited += ended.outcome is CallOutcome.RATE_LIMITED
        self.error = ended.error or self.error
        self.away = ended.error if OUTCOMES[ended.outcome].is_away else None
        if call and self.cost_usd is not None:
            self.cost_usd = None if call.cost_usd is None else self.cost_usd + call.cost_usd

    def __add__(self, other: "TeacherState") -> "TeacherState":
        known = self.cost_usd is not None and other.cost_usd is not None
        return TeacherState(
            self.in_flight + other.in_flight,
            self.done + other.done,
            self.answered + other.answered,
            self.completion_tokens + other.completion_tokens,
            (self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
            self.rate_limited + other.rate_limited,
            self.error or other.error,
            self.away or other.away,
        )

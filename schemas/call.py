"""One request to the teacher and what came back."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from pydantic import ConfigDict, Field

from schemas.record import Record, content_key

CUT = "cut"
"""The finish reason of an answer that broke off on its way, of which all is kept that came."""
CUT_OFF = frozenset({"length", CUT})
"""The finish reasons of an answer that has no end."""


class Message(Record):
    role: str
    content: str


class Sampling(Record):
    """What the request says about sampling, and nothing that it does not say: None is not sent."""

    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    seed: int | None


class Request(Record):
    """What is asked, in full. Two equal requests are one call, paid once."""

    endpoint: str
    """The normalised base URL; `practice/<version>/<rates>` for the practice teacher; never a port of ours."""
    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    sample_index: int
    fresh: str
    """The name given to `--fresh`; empty otherwise."""
    extra_body: str | None = Field(default=None, exclude_if=lambda given: given is None)
    """`teacher.extra_body` as JSON, its keys in the order given; when there is none, it is left out of the key."""

    @cached_property
    def call_id(self) -> str:
        """Its key; a copy that is changed has another."""
        return content_key("call", self.model_dump(mode="json"))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("call_id", None)
        return copied


class CallEnd(StrEnum):
    """How a call ended for good. A transient failure is not an end: it leaves the attempt pending."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """The endpoint rejected this request (HTTP 4xx other than authentication, rate and time-out)."""
    UNREADABLE = "unreadable"
    """It was answered and paid for, but the body is no chat completion."""


class SendEnd(StrEnum):
    """How one send of a call ended, for the ledger. The journal writes `unknown` before it is sent."""

    ANSWERED = "answered"
    """A whole answer of the model came back; it is paid for."""
    FAILED = "failed"
    """The endpoint said no, or was never reached; nothing is paid."""
    UNKNOWN = "unknown"
    """A kill, a cut line, a time-out or an error in the midst of an answer: it may have been paid for."""


class Usage(Record):
    """Tokens, as the endpoint counted them; None where it did not say. What was thought is part of the completion, also
    where the endpoint counts it apart."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class Call(Record):
    """The terminal row of a call: at most one per `call_id`."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    call_id: str
    endpoint: str
    model_asked: str
    model_answered: str | None
    messages: tuple[Message, ...]
    sampling: Sampling
    sample_index: int
    fresh: str
    ended: CallEnd
    error: str | None
    """Type, status and message of a failure, with secrets redacted; None when a whole answer came."""
    raw_response: bytes
    """The body, byte for byte (secrets redacted), its start when it is over the size limit; of a stream, its events put
    together into one body; for recorded completions the recorded text."""
    content: str | None
    reasoning: str | None
    """What was thought, where the API gives it in a field or in parts of its own."""
    finish_reason: str | None
    """`length` and `content_filter` for every name that endpoints have for them; `cut` where a stream broke off; else
    in the endpoint's own word."""
    usage: Usage
    refusal: str | None = None
    """What the API's own refusal field says, where the model declined by it."""
    extra_body: str | None = None
    """What was sent beside messages and sampling, as JSON; None when nothing was."""
    cost_usd: float | None
    """None when a price or the usage is unknown; 0 for recorded completions and the practice teacher."""
    latency_s: float
    """Seconds from the last send to the last byte."""
    tries: int
    """Requests sent for this call, the last included; 0 for recorded completions."""


class Outcome(Record):
    """What became of a request in this run: its terminal call, or why it has none yet. One of the two is None."""

    call_id: str
    call: Call | None
    pending: str | None


OVER_BUDGET = "not sent: the budget has no room for it"
"""Why a call is pending that a higher budget would let in."""

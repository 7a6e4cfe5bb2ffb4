"""How a row of somebody's data holds what was asked and what was answered."""

from enum import StrEnum

from schemas.record import Record, content_key
from schemas.section import Section


class PairFormat(StrEnum):
    """How a row holds its instruction and response."""

    ALPACA = "alpaca"
    """`instruction`, `input`, `output`; perhaps `system`, and earlier exchanges in `history`."""
    SHAREGPT = "sharegpt"
    """`conversations`: a list of `{"from": "human" | "gpt", "value": …}`."""
    CHAT = "chat"
    """`messages`: a list of `{"role": "user" | "assistant", "content": …}`."""


class SeveralTurns(StrEnum):
    """What becomes of a conversation of more than one question and answer."""

    FAIL = "fail"
    """Its fate is `failed`, `several_turns`: a later turn makes no sense alone."""
    FIRST = "first"
    """Its first question and answer are the pair."""
    LAST = "last"
    """Its last question and answer are the pair; the turns before them stand before the question."""


class BadPair(StrEnum):
    """Why a row of the input is no pair; nothing is asked about it."""

    EMPTY_INSTRUCTION = "empty_instruction"
    EMPTY_RESPONSE = "empty_response"
    NOT_TEXT = "not_text"
    """A column that has to be there is not, or holds something other than text."""
    NO_EXCHANGE = "no_exchange"
    """A conversation without a question that is followed by an answer."""
    SEVERAL_TURNS = "several_turns"
    """More than one exchange, and several_turns is fail."""
    TOOL_CALL = "tool_call"
    """The answer calls a tool, or follows what one gave back."""
    NOT_LEARNT = "not_learnt"
    """The answer is marked as none to learn: its `weight` is 0."""
    NO_OBJECT = "no_object"
    """The row is no JSON, or no JSON object."""


class ExchangeColumns(Section):
    """Which column holds what; a dotted path reaches into nested fields."""

    instruction: str = "instruction"
    """Of Alpaca's form: the question."""
    input: str = "input"
    """Of Alpaca's form: what the question is about."""
    output: str = "output"
    """Of Alpaca's form: the answer."""
    conversations: str = "conversations"
    """Of ShareGPT's form: a list of turns."""
    messages: str = "messages"
    """Of chat: a list of messages."""
    system: str = "system"
    """What goes before the question, whatever the form."""
    history: str = "history"
    """Of Alpaca's form: a list of earlier exchanges, each a question and an answer."""


class RejectedRow(Record):
    """A row of the input that could not be read. It is part of no plan; the other rows are."""

    rejected_id: str
    source: str
    place: str
    """Where it stands, such as `data.jsonl, line 3`."""
    position: int | None
    """The number in `place`, by which places sort."""
    field: str | None
    """What of it is at fault, as a dotted path; None where it is the whole row."""
    complaint: str
    """What was got, and what is needed."""

    @classmethod
    def of(cls, source: str, place: str, field: str | None, complaint: str) -> "RejectedRow":
        """Return the row with its key."""
        key = content_key("rejected", source, place, field, complaint)
        position = int(place.rpartition(" ")[2])
        return cls(rejected_id=key, source=source, place=place, position=position, field=field, complaint=complaint)

    def __str__(self) -> str:
        return f"{self.place}{f', {self.field}' if self.field else ''}: {self.complaint}"

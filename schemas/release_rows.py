"""The rows of a release: what is read of a trace to make them, and the forms that have a Parquet file."""

from enum import StrEnum

from schemas.call import Message
from schemas.curation import Line
from schemas.question import Kind
from schemas.record import Record
from schemas.trace import Reflection, Structure
from schemas.verdict import Effect


class Judged(Record):
    """A trace with everything that a release says of it."""

    line: Line
    trace_id: str
    """Of a pair: its pair_id."""
    question_id: str
    source: str
    licence: str | None
    tags: tuple[str, ...]
    question: str
    """Of a pair: instruction, and input below it."""
    instruction: str
    input: str
    """Empty for a trace."""
    gold: str | None
    system: str | None
    """The system message of every call of it; None without one, and where its calls had different ones: then none of
    them asked for the whole trace."""
    text: str
    structure: Structure
    reflections: tuple[Reflection, ...]
    answer: str | None
    verdict: str
    reason: str
    effect: str | None
    reflection_effects: tuple[Effect | None, ...]
    ifd: float | None
    rifd: float | None
    teacher: str
    rank: int | None
    """Its place among the kept; None for a rejected one."""


class AskedQuestion(Record):
    """A question of which a release keeps a trace, with what the judged samples of it came to."""

    id: str
    """The question_id."""
    question: str
    gold: str | None
    kind: Kind
    spec: str
    source: str
    licence: str | None
    n_correct: int
    n_verified: int


class LearntSpan(Record):
    """Characters (code points, half-open) of one message that a trainer is to learn from."""

    message: int
    """0-based."""
    start: int
    end: int


class ChatRow(Record):
    """One kept trace or pair. `messages` is what TRL and chat templates read."""

    trace_id: str
    """Of a pair: its pair_id."""
    line: Line
    """`traces` that reflect, or `pairs` that recycling chose."""
    messages: tuple[Message, ...]
    training_spans: tuple[LearntSpan, ...]
    """By `tasks.publishing.spans`; a label belongs to no other character of the messages."""
    question_id: str
    source: str
    licence: str | None
    """Of the question."""
    tags: tuple[str, ...]
    gold: str | None
    answer: str | None
    verdict: str
    reason: str
    """Of the verdict."""
    effect: str | None
    ifd: float | None
    rifd: float | None
    teacher: str
    rank: int | None
    """Its place among the kept, 0-based: the first n are a seeded sample."""


class PromptCompletionRow(Record):
    """One kept trace or pair as TRL learns it on the completion only."""

    trace_id: str
    question_id: str
    source: str
    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]


class ReasonedMessage(Message):
    reasoning_content: str | None
    """None where nobody thought aloud."""


class ReasoningRow(PromptCompletionRow):
    """One kept trace or pair with the thinking beside the answer."""

    completion: tuple[ReasonedMessage, ...]


class PreferenceReason(StrEnum):
    """What is better about the chosen one of two."""

    CORRECTED_OVER_HARMED = "corrected_over_harmed"
    """Its reflection put a mistake right; the other's made one."""
    CORRECT_OVER_INCORRECT = "correct_over_incorrect"


class PreferenceRow(Record):
    """A correct trace over an incorrect one of the same question, in TRL's conversational form."""

    preference_id: str
    contrast: PreferenceReason
    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]
    question_id: str
    source: str
    licence: str | None
    chosen_id: str
    """A trace that the release keeps."""
    rejected_id: str
    """A trace with the verdict incorrect and the structure of the chosen one."""


class LabelledRow(PromptCompletionRow):
    """A trace that is to be imitated, or not to be, in TRL's form for KTO."""

    label: bool
    """True: correct and kept. False: incorrect."""


class PreferenceChatRow(Record):
    """A row of `dpo` as LLaMA-Factory and axolotl read it."""

    preference_id: str
    question_id: str
    messages: tuple[Message, ...]
    """What was asked."""
    chosen: Message
    rejected: Message


class LabelledChatRow(Record):
    """A row of `kto` as LLaMA-Factory and ms-swift read it."""

    trace_id: str
    question_id: str
    messages: tuple[Message, ...]
    """The answer is the last."""
    label: bool


class BestRow(PromptCompletionRow):
    """The best of several samples of one question."""

    n: int
    """Judged samples that it is the best of."""
    n_correct: int
    ifd: float | None


ComparedRow = PreferenceRow | PreferenceChatRow | LabelledRow | LabelledChatRow | BestRow
"""What samples of a question become."""

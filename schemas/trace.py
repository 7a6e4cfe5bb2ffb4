"""One teacher attempt, parsed."""

from enum import StrEnum

from schemas.record import Record


class Structure(StrEnum):
    """What the tag grammar says of a text: `ok`, or the first defect that it has, in this order."""

    OK = "ok"
    EMPTY = "empty"
    """Nothing but white space."""
    TRUNCATED = "truncated"
    """The endpoint stopped it (`finish_reason` length or content_filter)."""
    UNTAGGED = "untagged"
    """None of our tags occurs."""
    UNCLOSED = "unclosed"
    """A tag is opened and never closed."""
    UNOPENED = "unopened"
    """A tag is closed that was not open."""
    NESTED = "nested"
    """A tag inside one that cannot hold it, such as `<output>` inside `<thinking>`."""
    REPEATED = "repeated"
    """More than one `<thinking>` or `<output>`."""
    MISSING_THINKING = "missing_thinking"
    MISSING_OUTPUT = "missing_output"
    OUT_OF_ORDER = "out_of_order"
    """`<output>` before the thinking or a reflection, or a reflection before the thinking."""
    TEXT_OUTSIDE = "text_outside"
    """Something other than white space outside every tag."""
    EMPTY_THINKING = "empty_thinking"
    EMPTY_REFLECTION = "empty_reflection"
    EMPTY_OUTPUT = "empty_output"


class Span(Record):
    """A half-open range of characters (code points) of `Trace.text`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return what the range holds of `text`, which must be the text that it was made for."""
        return text[self.start : self.end]


class Reflection(Span):
    """The inside of one `<reflection>`, without its tags."""

    text: str


class DraftAnswer(Span):
    """An answer that stood before a reflection: where it was stated, and what it was."""

    answer: str


class Trace(Record):
    """One teacher attempt, parsed. Keyed by the attempt and the grammar that read it."""

    trace_id: str
    """Key over the attempt, the call it starts with and the grammar's version."""
    attempt_id: str
    plan_id: str
    """The plan that first landed it; other plans may share it through `attempt_id`."""
    question_id: str
    sample_index: int
    call_ids: tuple[str, ...]
    """All calls of the attempt, in order."""
    grammar: str
    """Version of the parser that wrote this row."""
    text: str
    """What was parsed: the content, with a separate reasoning field put before it as `<thinking>`; of a strategy with
    several calls what `tasks/tracing/strategy.py` makes of them."""
    structure: Structure
    thinking: str | None
    """The inside of `<thinking>`, reflections included; None when there is none."""
    reflections: tuple[Reflection, ...]
    output: str | None
    answer: str | None
    """The final answer as stated; None when none is."""
    draft_answers: tuple[DraftAnswer | None, ...]
    """For each reflection the last answer stated before it; None where none was."""

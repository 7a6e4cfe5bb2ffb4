"""What kept traces become in each format of a release, a batch of columns at a time: Arrow in, Arrow out. Pure."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.call import Message
from schemas.release_format import ReleaseFormat
from schemas.release_rows import ChatRow, Judged, PromptCompletionRow, ReasoningRow
from tasks.parsing.grammar import parse
from tasks.publishing.spans import masked, training_spans
from warehouse.arrow_schema import columns_of

TEACHERS = "teacher"
"""As `system`: the message that the teacher had."""
NONE = "none"
_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}
JUDGED = columns_of(Judged)
"""The columns that a batch of kept traces has."""


class KeptBatch:
    """A batch of the columns of `Judged`, and the parts that several forms have in common."""

    def __init__(self, rows: pa.RecordBatch, system: str) -> None:
        """`system`: `teacher`, `none`, or a text for every row."""
        self.rows = rows
        teachers = self["system"] if system == TEACHERS else pa.nulls(len(rows), pa.string())
        said = teachers if system in (TEACHERS, NONE) else pa.repeat(pa.scalar(system, pa.string()), len(rows))
        self.system = pc.if_else(pc.equal(said, ""), pa.scalar(None, pa.string()), said)
        """Null where there is no message of it."""

    def __getitem__(self, name: str) -> pa.Array:
        return self.rows[name]

    @cached_property
    def prompt(self) -> pa.Array:
        return messages({"system": self.system, "user": self["question"]})

    @cached_property
    def turns(self) -> dict[str, pa.Array]:
        return {"system": self.system, "user": self["question"], "assistant": self["text"]}

    @cached_property
    def n_turns(self) -> npt.NDArray[np.int64]:
        """Of each row."""
        has_system: npt.NDArray[np.bool_] = self.system.is_valid().to_numpy(zero_copy_only=False)
        return has_system + np.int64(2)

    @cached_property
    def learnt(self) -> tuple[npt.NDArray[np.int64], pa.Array, pa.Array]:
        """The training spans: how many each row has, and where they start and end in its text."""
        lengths: npt.NDArray[np.int64] = pc.utf8_length(self["text"]).to_numpy().astype(np.int64)
        reflected = np.flatnonzero(pc.list_value_length(self["reflections"]).to_numpy(zero_copy_only=False))
        names = ("text", "verdict", "effect", "reflection_effects", "reflections")
        rows = zip(*(self[name].take(pa.array(reflected)).to_pylist() for name in names), strict=True)
        spans = dict(zip(reflected.tolist(), (_learnt(*row) for row in rows), strict=True))
        n_spans = (lengths > 0).astype(np.int64)
        n_spans[reflected] = [*map(len, spans.values())]
        start, end, first = np.zeros(n_spans.sum(), np.int64), np.repeat(lengths, n_spans), np.cumsum(n_spans) - n_spans
        for row, of_row in spans.items():
            start[first[row] :][: len(of_row)] = [one for one, _ in of_row]
            end[first[row] :][: len(of_row)] = [other for _, other in of_row]
        return n_spans, pa.array(start), pa.array(end)

    @cached_property
    def thoughts(self) -> tuple[list[str | None], list[str]]:
        """What each row thinks and what it says."""
        found = [thought_and_said(text) for text in self["text"].to_pylist()]
        return [thinking for thinking, _ in found], [said for _, said in found]

    def table(self, record: type[PromptCompletionRow] | type[ChatRow], **made: pa.Array) -> pa.Table:
        """Make a table of the record's columns: those that are `made`, and the others as they are."""
        schema = columns_of(record)
        columns = [made[name] if name in made else self[name] for name in schema.names]
        return pa.table([column.cast(field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def chat(batch: KeptBatch) -> pa.Table:
    """Write conversations of the system message, if any, the question, and the whole text of the trace, tags included.
    What the teacher was asked beyond the question (`teacher.suffix`) is left out: nobody will ask the student so.
    """
    n_spans, start, end = batch.learnt
    last = pa.array(np.repeat(batch.n_turns - 1, n_spans), pa.int64())
    spans = pa.StructArray.from_arrays([last, start, end], ["message", "start", "end"])
    return batch.table(ChatRow, messages=messages(batch.turns), training_spans=_lists(n_spans, spans))


def prompt_completion(batch: KeptBatch) -> pa.Table:
    """Write rows as TRL learns them on the completion only."""
    return batch.table(PromptCompletionRow, prompt=batch.prompt, completion=messages({"assistant": batch["text"]}))


def reasoning(batch: KeptBatch) -> pa.Table:
    """Write conversations with the thinking, reflections in it, as `reasoning_content`: chat templates of reasoning
    models put it in their own tags, and no empty ones before ours.
    """
    thoughts, said = (pa.array(texts, pa.string()) for texts in batch.thoughts)
    completion = messages({"assistant": said}, reasoning_content=thoughts)
    return batch.table(ReasoningRow, prompt=batch.prompt, completion=completion)


def think(batch: KeptBatch) -> pa.Table:
    """Write conversations with the thinking between `<think>` and `</think>`, for templates that read it out of the
    text.
    """
    texts = [
        said if thinking is None else f"<think>\n{thinking}\n</think>\n\n{said}"
        for thinking, said in zip(*batch.thoughts, strict=True)
    ]
    completion = messages({"assistant": pa.array(texts, pa.string())})
    return batch.table(PromptCompletionRow, prompt=batch.prompt, completion=completion)


def sharegpt(batch: KeptBatch) -> pa.Table:
    """Write conversations as LLaMA-Factory, Axolotl and others read it."""
    said = messages({_SHAREGPT[role]: texts for role, texts in batch.turns.items()}, ("from", "value"))
    return pa.table({"id": batch["trace_id"], "conversations": said})


def alpaca(batch: KeptBatch) -> pa.Table:
    """Write rows of Alpaca's form: the question is the instruction; `input` is empty but for pairs, as questions have
    none apart.
    """
    named = {"id": "trace_id", "instruction": "instruction", "input": "input", "output": "text"}
    columns = {name: batch[column] for name, column in named.items()}
    return pa.table({**columns, "system": pc.fill_null(batch.system, "")})


def axolotl(batch: KeptBatch) -> pa.Table:
    """Return the training spans as `train_detail`; its ends are those of the last character. Nothing of a prompt is
    learnt.
    """
    n_spans, start, end = batch.learnt
    true = pa.repeat(pa.scalar(True), len(start))
    details = pa.StructArray.from_arrays([start, pc.subtract(end, 1), true], ["begin_offset", "end_offset", "train"])
    of_message = np.zeros(batch.n_turns.sum(), np.int64)
    of_message[np.cumsum(batch.n_turns) - 1] = n_spans
    said = messages(batch.turns, train_detail=_lists(of_message, details))
    return pa.table({"id": batch["trace_id"], "messages": said})


TRACE_FORMS: Mapping[ReleaseFormat, Callable[[KeptBatch], pa.Table]] = MappingProxyType(
    {
        ReleaseFormat.CHAT: chat,
        ReleaseFormat.PROMPT_COMPLETION: prompt_completion,
        ReleaseFormat.REASONING: reasoning,
        ReleaseFormat.THINK: think,
        ReleaseFormat.SHAREGPT: sharegpt,
        ReleaseFormat.ALPACA: alpaca,
        ReleaseFormat.AXOLOTL: axolotl,
    }
)
"""One row for each that is kept, in their order."""


def messages(
    said: Mapping[str, pa.Array], names: Sequence[str] = ("role", "content"), **further: pa.Array
) -> pa.ListArray:
    """Return one message of each role that has a text, row by row. `further` are fields with a value for each
    message.
    """
    n = len(next(iter(said.values())))
    there = np.column_stack([texts.is_valid().to_numpy(zero_copy_only=False) for texts in said.values()])
    place = (np.arange(len(said)) * n + np.arange(n)[:, None])[there]
    contents = pa.concat_arrays([*said.values()]).take(pa.array(place))
    roles = pa.array([*said], pa.string()).take(pa.array(np.nonzero(there)[1]))
    fields = pa.StructArray.from_arrays([roles, contents, *further.values()], [*names, *further])
    return _lists(there.sum(1), fields)


def thought_and_said(text: str) -> tuple[str | None, str]:
    """Return the inside of the thinking and of the output; a text without thinking is said as it is."""
    parsed = parse(text)
    if parsed.thinking is None:
        return None, text
    said = parsed.output.of(text) if parsed.output else text[parsed.thinking.end :].partition(">")[2]
    return parsed.thinking.of(text).strip(), said.strip()


def prompt(trace: Judged, system: str) -> tuple[Message, ...]:
    """Return the system message, if any, and the question."""
    said = {TEACHERS: trace.system, NONE: None}.get(system, system)
    user = Message(role="user", content=trace.question)
    return (Message(role="system", content=said), user) if said else (user,)


def said(trace: Judged) -> Message:
    """Return the whole text of the trace."""
    return Message(role="assistant", content=trace.text)


def _learnt(
    text: str, verdict: str, effect: str | None, effects: list[str | None], reflections: list[dict[str, Any]]
) -> list[tuple[int, int]]:
    wrong = masked(text, verdict, effect, effects, [each["start"] for each in reflections])
    return [(span.start, span.end) for span in training_spans(text, wrong)]


def _lists(lengths: npt.NDArray[np.int64], values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), values)

"""What a kept trace becomes in each format of a release. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from schemas.call import Message
from schemas.release_format import ReleaseFormat
from schemas.release_rows import ChatRow, Judged, LearntSpan, PromptCompletionRow, ReasonedMessage, ReasoningRow
from tasks.parsing.grammar import parse
from tasks.publishing.spans import masked_spans, training_spans

_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}
TEACHERS = "teacher"
"""As `system`: the message that the teacher had."""
NONE = "none"
Plain = dict[str, Any]
"""A row as JSON has it."""


def chat_row(trace: Judged, system: str) -> ChatRow:
    """System message if any, question, and the whole text of the trace, tags included. What the teacher was asked
    beyond the question (`teacher.suffix`) is left out: nobody will ask the student so."""
    messages = (*prompt(trace, system), said(trace))
    spans = training_spans(trace.text, masked_spans(trace))
    return ChatRow(
        messages=messages,
        training_spans=tuple(LearntSpan(message=len(messages) - 1, start=s.start, end=s.end) for s in spans),
        **{name: getattr(trace, name) for name in ChatRow.model_fields if name in Judged.model_fields},
    )


def prompt_completion_row(row: ChatRow, trace: Judged) -> Plain:
    """As TRL learns it on the completion only."""
    return PromptCompletionRow(
        prompt=row.messages[:-1], completion=row.messages[-1:], **_named(trace, PromptCompletionRow)
    ).model_dump(mode="json")


def reasoning_row(row: ChatRow, trace: Judged) -> Plain:
    """With the thinking, reflections in it, as `reasoning_content`: chat templates of reasoning models put it in their
    own tags, and no empty ones before ours."""
    thinking, output = thought_and_said(trace.text)
    message = ReasonedMessage(role="assistant", content=output, reasoning_content=thinking)
    return ReasoningRow(prompt=row.messages[:-1], completion=(message,), **_named(trace, ReasoningRow)).model_dump(
        mode="json"
    )


def think_row(row: ChatRow, trace: Judged) -> Plain:
    """With the thinking between `<think>` and `</think>`, for templates that read it out of the text."""
    thinking, output = thought_and_said(trace.text)
    text = output if thinking is None else f"<think>\n{thinking}\n</think>\n\n{output}"
    return PromptCompletionRow(
        prompt=row.messages[:-1],
        completion=(Message(role="assistant", content=text),),
        **_named(trace, PromptCompletionRow),
    ).model_dump(mode="json")


def thought_and_said(text: str) -> tuple[str | None, str]:
    """The inside of the thinking and of the output; a text without thinking is said as it is."""
    parsed = parse(text)
    if parsed.thinking is None:
        return None, text
    said = parsed.output.of(text) if parsed.output else text[parsed.thinking.end :].partition(">")[2]
    return parsed.thinking.of(text).strip(), said.strip()


def sharegpt_row(row: ChatRow, trace: Judged) -> Plain:
    """As LLaMA-Factory, Axolotl and others read it."""
    turns = [{"from": _SHAREGPT[message.role], "value": message.content} for message in row.messages]
    return {"id": row.trace_id, "conversations": turns}


def alpaca_row(row: ChatRow, trace: Judged) -> Plain:
    """The question is the instruction; `input` is empty but for pairs, as questions have none apart."""
    system = next((message.content for message in row.messages if message.role == "system"), "")
    alpaca = {"instruction": trace.instruction, "input": trace.input, "output": trace.text, "system": system}
    return {"id": row.trace_id, **alpaca}


def axolotl_row(row: ChatRow, trace: Judged) -> Plain:
    """The training spans as `train_detail`; its ends are those of the last character. Nothing of a prompt is learnt."""
    details = [{"begin_offset": span.start, "end_offset": span.end - 1, "train": True} for span in row.training_spans]
    turns = [{**message.model_dump(), "train_detail": []} for message in row.messages]
    turns[-1]["train_detail"] = details
    return {"id": row.trace_id, "messages": turns}


TRACE_FORMS: Mapping[ReleaseFormat, Callable[[ChatRow, Judged], Plain]] = MappingProxyType(
    {
        ReleaseFormat.CHAT: lambda row, trace: row.model_dump(mode="json"),
        ReleaseFormat.PROMPT_COMPLETION: prompt_completion_row,
        ReleaseFormat.REASONING: reasoning_row,
        ReleaseFormat.THINK: think_row,
        ReleaseFormat.SHAREGPT: sharegpt_row,
        ReleaseFormat.ALPACA: alpaca_row,
        ReleaseFormat.AXOLOTL: axolotl_row,
    }
)
"""One row for each that is kept."""


def prompt(trace: Judged, system: str) -> tuple[Message, ...]:
    """System message if any, and question."""
    said = {TEACHERS: trace.system, NONE: None}.get(system, system)
    user = Message(role="user", content=trace.question)
    return (Message(role="system", content=said), user) if said else (user,)


def said(trace: Judged) -> Message:
    """The whole text of the trace."""
    return Message(role="assistant", content=trace.text)


def _named(trace: Judged, record: type[PromptCompletionRow] | type[ReasoningRow]) -> Plain:
    return {name: getattr(trace, name) for name in record.model_fields if name in Judged.model_fields}

"""What a kept trace becomes in each format of a release. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from schemas.call import Message
from schemas.record import content_key
from schemas.release_rows import ChatRow, Judged, LearntSpan, PreferenceRow
from schemas.verdict import Ruling
from tasks.publishing.spans import masked_spans, training_spans

_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}
TEACHERS = "teacher"
"""As `system`: the message that the teacher had."""
NONE = "none"


def chat_row(trace: Judged, system: str) -> ChatRow:
    """System message if any, question, and the whole text of the trace, tags included. What the teacher was asked
    beyond the question (`teacher.suffix`) is left out: nobody will ask the student so."""
    messages = (*_prompt(trace, system), Message(role="assistant", content=trace.text))
    spans = training_spans(trace.text, masked_spans(trace))
    return ChatRow(
        messages=messages,
        training_spans=tuple(LearntSpan(message=len(messages) - 1, start=s.start, end=s.end) for s in spans),
        **{name: getattr(trace, name) for name in ChatRow.model_fields if name in Judged.model_fields},
    )


def sharegpt_row(row: ChatRow, trace: Judged) -> dict[str, Any]:
    """As LLaMA-Factory, Axolotl and others read it."""
    said = [{"from": _SHAREGPT[message.role], "value": message.content} for message in row.messages]
    return {"id": row.trace_id, "conversations": said}


def alpaca_row(row: ChatRow, trace: Judged) -> dict[str, Any]:
    """The question is the instruction; `input` is empty but for pairs, as questions have none apart."""
    said = {message.role: message.content for message in row.messages}
    alpaca = {"instruction": trace.instruction, "input": trace.input, "output": trace.text}
    alpaca |= {"system": said.get("system", "")}
    return {"id": row.trace_id, **alpaca}


def preference_rows(traces: Iterable[Judged], system: str) -> Iterator[PreferenceRow]:
    """Pairs of one question at a time; `traces` come question by question, the kept ones have a rank.

    The best ranked kept correct trace is paired with the first incorrect one by trace_id, the next with the next: no
    trace is in two pairs, so that a question with many samples does not outweigh the others. The two have the same
    prompt and structure: what they differ in is being right, not form.
    """
    for _, of_question in groupby(traces, key=lambda trace: trace.question_id):
        by_form: dict[tuple[Any, ...], list[Judged]] = {}
        for trace in of_question:
            by_form.setdefault((trace.structure, _prompt(trace, system)), []).append(trace)
        for traces_alike in by_form.values():
            right = [t for t in traces_alike if t.verdict == Ruling.CORRECT and t.rank is not None]
            wrong = [t for t in traces_alike if t.verdict == Ruling.INCORRECT]
            right.sort(key=lambda trace: trace.rank or 0)
            wrong.sort(key=lambda trace: trace.trace_id)
            for chosen, rejected in zip(right, wrong, strict=False):
                yield _preference(chosen, rejected, system)


def _preference(chosen: Judged, rejected: Judged, system: str) -> PreferenceRow:
    return PreferenceRow(
        preference_id=content_key("preference", chosen.trace_id, rejected.trace_id),
        prompt=_prompt(chosen, system),
        chosen=(Message(role="assistant", content=chosen.text),),
        rejected=(Message(role="assistant", content=rejected.text),),
        question_id=chosen.question_id,
        source=chosen.source,
        licence=chosen.licence,
        chosen_id=chosen.trace_id,
        rejected_id=rejected.trace_id,
    )


def _prompt(trace: Judged, system: str) -> tuple[Message, ...]:
    said = {TEACHERS: trace.system, NONE: None}.get(system, system)
    user = Message(role="user", content=trace.question)
    return (Message(role="system", content=said), user) if said else (user,)

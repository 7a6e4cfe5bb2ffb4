"""How an attempt goes on from its first answer: the next request, or what it comes to. Pure.

    single_pass            ask, and that is it
    draft_reflect_revise   draft ─► check, in a conversation of its own ─┬─ holds: done
                                                                         └─ flawed ─► revise

No request depends on anything but the answers before it, so every later call is keyed like a first one: a run that was
cut short finds its answers and goes on where it stopped.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from schemas.call import Call, CallEnd, Message, Request
from schemas.configuration import OnTruncation, Strategy, Teacher, Unwanted
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.trace import Structure
from tasks.asking.compose import compose
from tasks.judging.rubric import fenced, read_verdict, without_verdict
from tasks.tracing.grammar import STOPPED, parse
from tasks.tracing.prompt import prompt_version, shipped
from tasks.tracing.second_look import COMPOSED, conclude, draft_and_critique, go_on_thinking

HOLDS, FLAWED = "holds", "flawed"
"""The verdicts of a check."""


class Answer(NamedTuple):
    """What an attempt comes to: the text of its trace."""

    text: str
    finish_reason: str | None
    """Of the call that the text ends with."""


Step = Request | Answer | FailureReason
"""What is to be sent next, or how the attempt has ended."""
_Steps = Generator[Request, Call, Answer]


class _Failed(Exception):
    """Ends an attempt without an answer: its reason is the one argument."""


def next_step(calls: Sequence[Call], question: Question, teacher: Teacher) -> Step:
    """What follows from the calls of an attempt that have ended, the first of which there must be, in order."""
    steps = _STRATEGIES[teacher.strategy](request_of(calls[0]), question, teacher)
    try:
        step = next(steps)
        for call in calls:
            step = steps.send(call)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    except _Failed as failed:
        return FailureReason(failed.args[0])
    return step


def manner(teacher: Teacher) -> tuple[str, ...]:
    """What decides how attempts go on after their first call, for their keys; empty for the default, which asks no more
    and keeps what comes.
    """
    policies = (teacher.on_truncation, teacher.on_refusal, teacher.on_content_filter)
    if teacher.strategy is Strategy.SINGLE_PASS:
        return () if set(policies) == {"keep"} else (teacher.strategy, *policies)
    return (teacher.strategy, *policies, prompt_version(teacher), COMPOSED)


def request_of(call: Call) -> Request:
    """What was sent."""
    return Request(
        endpoint=call.endpoint,
        model=call.model_asked,
        messages=call.messages,
        sampling=call.sampling,
        sample_index=call.sample_index,
        fresh=call.fresh,
    )


def _single_pass(first: Request, question: Question, teacher: Teacher) -> _Steps:
    return _said((yield from _answer(first, teacher)))


def _draft_reflect_revise(first: Request, question: Question, teacher: Teacher) -> _Steps:
    """A draft with a defect, and a draft or a check that is kept although it was cut off, end the attempt as it is
    then: there is nothing whole to go on from.
    """
    draft = _said((yield from _answer(first, teacher)))
    parsed = parse(*draft)
    if parsed.structure is not Structure.OK or parsed.output is None:
        return draft
    asked = first.messages[-1].content
    check = yield from _answer(_fresh(first, "check", question=asked, attempt=draft.text), teacher)
    critique = without_verdict(check.content)
    verdict = read_verdict(check.content, (HOLDS, FLAWED))
    so_far = draft_and_critique(draft.text, parsed, question, critique)
    if verdict not in (HOLDS, FLAWED) and check.finish_reason in STOPPED:
        return Answer(so_far, check.finish_reason)
    if verdict not in (HOLDS, FLAWED) or not critique:
        raise _Failed(FailureReason.CHECK_UNCLEAR)
    if verdict == HOLDS:
        return Answer(conclude(so_far, parsed.output.of(draft.text)), draft.finish_reason)
    parts = {"question": asked, "attempt": draft.text, "critique": critique}
    revision = _said((yield from _answer(_fresh(first, "revise", **parts), teacher)))
    return Answer(go_on_thinking(so_far, revision.text), revision.finish_reason)


_STRATEGIES: Mapping[Strategy, Callable[[Request, Question, Teacher], _Steps]] = MappingProxyType(
    {Strategy.SINGLE_PASS: _single_pass, Strategy.DRAFT_REFLECT_REVISE: _draft_reflect_revise}
)


def _answer(request: Request, teacher: Teacher) -> Generator[Request, Call, Call]:
    """The call that answers `request`, under the policies. Where more tokens are refused, what was cut off stands."""
    call = yield request
    if call.finish_reason == "length" and teacher.on_truncation is OnTruncation.EXTEND:
        longer = yield _doubled(request)
        call = longer if longer.ended is CallEnd.ANSWERED else call
    if reason := _failure(call, teacher):
        raise _Failed(reason)
    return call


def _failure(call: Call, teacher: Teacher) -> FailureReason | None:
    if call.ended is not CallEnd.ANSWERED:
        return FailureReason(call.ended.value)
    if call.finish_reason == "length" and teacher.on_truncation is OnTruncation.DROP:
        return FailureReason.TRUNCATED
    if call.finish_reason == "content_filter" and teacher.on_content_filter is Unwanted.DROP:
        return FailureReason.CONTENT_FILTER
    if call.refusal is not None and teacher.on_refusal is Unwanted.DROP:
        return FailureReason.DECLINED
    return None


def _said(call: Call) -> Answer:
    return Answer(compose(call.content, call.reasoning), call.finish_reason)


def _doubled(request: Request) -> Request:
    max_tokens = request.sampling.max_tokens
    twice = request.sampling.model_copy(update={"max_tokens": max_tokens and 2 * max_tokens})
    return request.model_copy(update={"sampling": twice})


def _fresh(first: Request, prompt: str, **parts: str) -> Request:
    """A conversation of its own, with a shipped prompt and parts between tags; all else as in the first call."""
    user = "\n\n".join(fenced(name, text) for name, text in parts.items())
    messages = (Message(role="system", content=shipped(prompt)), Message(role="user", content=user))
    return first.model_copy(update={"messages": messages})

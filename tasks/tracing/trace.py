"""From an attempt that has ended to its trace, or to its failure."""

import json
from collections.abc import Sequence

from schemas.attempt import Attempt
from schemas.call import Call
from schemas.failure import Failure, FailureReason
from schemas.question import Question
from schemas.record import content_key
from schemas.trace import Trace
from schemas.verdict import Reason
from tasks.judging.reading import Reader, read_answers
from tasks.parsing.grammar import GRAMMAR, parse
from tasks.tracing.strategy import Answer


def trace_id(attempt: Attempt) -> str:
    """Return the key of the trace that `attempt` will have under the grammar in force."""
    return trace_key(attempt.attempt_id, attempt.call_id)


def trace_key(attempt_id: str, call_id: str) -> str:
    """Return the key of a trace of an attempt that starts with that call."""
    return content_key("trace", attempt_id, [call_id], GRAMMAR)


def make_trace(
    attempt: Attempt, calls: Sequence[Call], said: Answer, question: Question, read: Reader = read_answers
) -> Trace:
    """Return the trace of what its calls came to. Whatever was written, it is a trace; its defects are in `structure`.

    Without answers where the search for the question's pattern had to be given up.
    """
    text = said.text
    parsed = parse(text, said.finish_reason)
    found = read(text, parsed, question.kind, json.loads(question.spec))
    answer, drafts = (None, (None,) * len(parsed.reflections)) if isinstance(found, Reason) else found
    return Trace(
        trace_id=trace_id(attempt),
        attempt_id=attempt.attempt_id,
        plan_id=attempt.plan_id,
        question_id=question.question_id,
        sample_index=attempt.sample_index,
        call_ids=tuple(call.call_id for call in calls),
        grammar=GRAMMAR,
        text=text,
        structure=parsed.structure,
        thinking=parsed.thinking.of(text) if parsed.thinking else None,
        reflections=parsed.reflections,
        output=parsed.output.of(text) if parsed.output else None,
        answer=answer.answer if answer else None,
        draft_answers=drafts,
    )


def make_failure(attempt: Attempt, calls: Sequence[Call], reason: FailureReason) -> Failure:
    """Return why `attempt` has no trace."""
    return Failure(
        attempt_id=attempt.attempt_id,
        plan_id=attempt.plan_id,
        reason=reason,
        call_ids=tuple(call.call_id for call in calls),
    )

"""From an answered call to its trace."""

import json

from schemas.attempt import Attempt
from schemas.call import Call
from schemas.question import Question
from schemas.record import content_key
from schemas.trace import Trace
from schemas.verdict import Reason
from tasks.compose import compose
from tasks.grammar import GRAMMAR, parse
from tasks.reading import Reader, read_answers


def trace_id(attempt: Attempt) -> str:
    """The key of the trace that `attempt` will have under the grammar in force."""
    return content_key("trace", attempt.attempt_id, [attempt.call_id], GRAMMAR)


def make_trace(attempt: Attempt, call: Call, question: Question, read: Reader = read_answers) -> Trace:
    """The trace of an answered call. Whatever the teacher wrote, it is a trace; its defects are in `structure`.

    Without answers where the search for the question's pattern had to be given up.
    """
    text = compose(call.content, call.reasoning)
    parsed = parse(text, call.finish_reason)
    found = read(text, parsed, question.kind, json.loads(question.spec))
    answer, drafts = (None, (None,) * len(parsed.reflections)) if isinstance(found, Reason) else found
    return Trace(
        trace_id=trace_id(attempt),
        attempt_id=attempt.attempt_id,
        plan_id=attempt.plan_id,
        question_id=question.question_id,
        sample_index=attempt.sample_index,
        call_ids=(call.call_id,),
        grammar=GRAMMAR,
        text=text,
        structure=parsed.structure,
        thinking=parsed.thinking.of(text) if parsed.thinking else None,
        reflections=parsed.reflections,
        output=parsed.output.of(text) if parsed.output else None,
        answer=answer.answer if answer else None,
        draft_answers=drafts,
    )

"""From an answered call to its trace."""

import json

from schemas.attempt import Attempt
from schemas.call import Call
from schemas.question import AnswerKind, Question
from schemas.record import content_key
from schemas.trace import Trace
from tasks.answer import find_answer
from tasks.code_answer import read_code
from tasks.compose import compose
from tasks.draft import find_drafts
from tasks.grammar import GRAMMAR, parse


def trace_id(attempt: Attempt) -> str:
    """The key of the trace that `attempt` will have under the grammar in force."""
    return content_key("trace", attempt.attempt_id, [attempt.call_id], GRAMMAR)


def make_trace(attempt: Attempt, call: Call, question: Question) -> Trace:
    """The trace of an answered call. Whatever the teacher wrote, it is a trace; its defects are in `structure`."""
    spec = json.loads(question.spec)
    pattern, entry_point = spec.get("answer_pattern"), spec.get("entry_point")
    text = compose(call.content, call.reasoning)
    parsed = parse(text, call.finish_reason)
    if question.kind is AnswerKind.CODE and pattern is None:
        answer, drafts = read_code(text, parsed, str(entry_point))
    else:
        answer, drafts = find_answer(text, pattern, parsed), find_drafts(text, parsed, pattern)
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

"""What a text that the endpoint cut off says of its answer: nothing, unless the answer was whole by then."""

import json
import re

from schemas.question import Question
from schemas.trace import Structure, Trace
from schemas.verdict import Judgement, Reason, Ruling
from tasks.judging.reading import read_answers
from tasks.parsing.grammar import parse

HINT = (
    "the endpoint cut the text off before its answer was whole; where max_tokens did it, raise teacher.max_tokens or"
    " set teacher.on_truncation = 'extend'"
)
_NO_CLEAR_ANSWER = (
    Reason.ANSWER_UNPARSABLE,
    Reason.NO_CHOICE_NAMED,
    Reason.ONLY_RULED_OUT,
    Reason.QUESTION_ECHOED,
    Reason.REFUSED,
)
_WORD = re.compile(r"\w")


def judge_cut_off(trace: Trace, question: Question, final: Judgement) -> Judgement:
    """`final`, but for a truncated trace without an answer, or whose wrong answer runs up to where it was cut: it may
    have become a right one. What is right so far stays right.
    """
    if trace.structure is not Structure.TRUNCATED:
        return final
    in_doubt = final.verdict is Ruling.INCORRECT or final.reason in _NO_CLEAR_ANSWER
    if final.reason is Reason.NO_ANSWER or (in_doubt and _runs_to_the_cut(trace, question)):
        return Judgement.of(Reason.TRUNCATED, final.answer, HINT)
    return final


def _runs_to_the_cut(trace: Trace, question: Question) -> bool:
    """Behind an answer that was stated any mark shows that it was whole; where all that was said is the answer, only a
    word does, such as that of a closing tag.
    """
    text, spec = trace.text, json.loads(question.spec)
    if "answer_pattern" in spec:  # whose search may take exponential time
        return trace.answer is not None and text.rstrip().endswith(trace.answer.rstrip())
    stated, _ = read_answers(text, parse(text), question.kind, spec)
    if stated is None:
        return True
    rest = text[stated.end :]
    return not rest.strip() if stated.explicit else not _WORD.search(rest)

"""What a response to an instruction is held against, and the verdict on it."""

import json
from collections.abc import Sequence

from schemas.call import Call
from schemas.question import AnswerKind, Question
from schemas.record import Record, canonical_json, content_key
from schemas.recycling import Check, Checking
from schemas.verdict import Judgement, Verdict, VerdictSubject
from tasks.asking.compose import compose
from tasks.judging.competing_answers import AnswerContext, judge_in_context
from tasks.judging.reading import read_answers
from tasks.judging.rubric import read_judgement
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import Verifier, verdict_of, verifier_version
from tasks.parsing.grammar import parse
from tasks.replay.procedure import Verify
from tasks.rows.values import infer_kind

SOURCE = "recycle"


class Ruled(Record):
    """The spec of a question that a judge has ruled on: a reply that was asked for like any call."""

    question: str
    reply: str | None


def with_gold(text: str, gold: str) -> Question:
    return Question.of(text=text, gold=gold, kind=infer_kind(gold), source=SOURCE)


def with_check(text: str, check: Checking, replies: Sequence[Call]) -> Question:
    """Return the question whose spec holds what independent solutions say, or what the judge does."""
    said = [compose(call.content, call.reasoning) if call.content or call.reasoning else None for call in replies]
    if check.by is Check.JUDGE:
        spec = canonical_json(Ruled(question=text, reply=said[0]).model_dump())
        return Question.of(text=text, gold=None, kind=AnswerKind.JUDGE, source=SOURCE, spec=spec)
    spec = canonical_json({"samples": said, "min_samples": min(2, len(said)), "min_share": check.share})
    return Question.of(text=text, gold=None, kind=AnswerKind.CONSENSUS, source=SOURCE, spec=spec)


def pair_verdict_id(pair_id: str, question: Question) -> str:
    """Return a verdict's key: unlike a trace's, over what the response is held against too: a pair has no question of
    its own.
    """
    return content_key("verdict", pair_id, question.question_id, verifier_version(question.kind))


def verify_pairs(verifier: Verifier, needs: Sequence[Verify]) -> list[Verdict]:
    """Return one verdict for each, in order."""
    return [_verdict(verifier, need.subject_id, need.text, need.question) for need in needs]


def _verdict(verifier: Verifier, pair_id: str, response: str, question: Question) -> Verdict:
    final = _judgement(verifier, response, question)
    verdict = verdict_of(VerdictSubject.PAIR, pair_id, question.kind, final)
    return verdict.model_copy(update={"verdict_id": pair_verdict_id(pair_id, question), "effect": None})


def _judgement(verifier: Verifier, response: str, question: Question) -> Judgement:
    if VERIFIERS[question.kind].asks_model:
        return read_judgement(Ruled.model_validate_json(question.spec).reply, response)
    parsed = parse(response)
    spec = json.loads(question.spec)
    spec.pop("answer_pattern", None)  # of the original's responses, and nothing here could end its search
    stated, _ = read_answers(response, parsed, question.kind, spec)
    answer = stated.answer if stated else None
    around = AnswerContext.of(response, parsed, question.text)
    return judge_in_context(question.kind, question.gold, answer, around, verifier.answers_to(question))

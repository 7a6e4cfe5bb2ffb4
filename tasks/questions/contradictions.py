"""Questions that stand there twice with golds that contradict each other: nobody has said which of them counts."""

import time
from collections.abc import Iterator
from textwrap import shorten

from schemas.question import Question
from schemas.verdict import Judgement, Reason, Ruling, Verdict
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import Verifier, gold_verdict
from tasks.questions.recorded import Seed
from tasks.questions.seed_file import SeedFile

_LONGEST = 80
"""Characters of a gold in the evidence."""


def contradicted_golds(seeds: SeedFile, verifier: Verifier) -> Iterator[Verdict]:
    """Yield a verdict on each question that has the text of another and cannot be right beside it.

    Its evidence names the other one. Of three of which one differs, all are in doubt. A question that nothing can judge
    contradicts none, and golds that mean the same, as 0.5 and 1/2, agree.
    """
    for same in seeds.asked_twice():
        start = time.perf_counter()
        held = [seed for seed in same if seed.question.gold or not VERIFIERS[seed.question.kind].needs_gold]
        other = next((seed for seed in held if not _agree(held[0].question, seed.question, verifier)), None)
        if other is None:
            continue
        for seed in held:
            against = other if _agree(held[0].question, seed.question, verifier) else held[0]
            final = Judgement.of(Reason.GOLD_CONTRADICTED, seed.question.gold, _format_contradiction(seed, against))
            yield gold_verdict(seed.question, final, start)


def _agree(one: Question, other: Question, verifier: Verifier) -> bool:
    """Whether either's gold answers both. The model that judges is not asked: it is taken to agree with both. Where a
    spec says what is right, golds beside the same one count for nothing.
    """
    if one.text.strip() != other.text.strip() or _judged_by(one) == _judged_by(other):
        return True
    kinds = VERIFIERS[one.kind], VERIFIERS[other.kind]
    if one.spec != other.spec and any(kind.spec_decides for kind in kinds):
        return False
    by_spec = one.spec == other.spec and not kinds[0].needs_gold
    if one.kind == other.kind and (one.gold == other.gold or by_spec or kinds[0].asks_model):
        return True
    if not (one.gold and other.gold):
        return False
    return _accepts(one, other.gold, verifier) and _accepts(other, one.gold, verifier)


def _accepts(question: Question, answer: str, verifier: Verifier) -> bool:
    if VERIFIERS[question.kind].asks_model:
        return True
    final = verifier.judge(question.kind, question.gold, answer, question.spec, question.text)
    return final.verdict is Ruling.CORRECT


def _judged_by(question: Question) -> tuple[str | None, str, str]:
    return question.gold, question.kind, question.spec


def _format_contradiction(seed: Seed, other: Seed) -> str:
    question = other.question
    gold = shorten(question.gold or "", _LONGEST, placeholder="…")
    spec = " and another spec" if question.spec != seed.question.spec else ""
    return f"{other.place or 'another'} asks the same, with gold {gold!r} of kind {question.kind}{spec}"

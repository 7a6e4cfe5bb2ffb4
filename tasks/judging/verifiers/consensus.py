"""Kind `consensus`: the same as what a clear majority of other samples answers (`tasks.judging.consensus`)."""

from collections.abc import Sequence
from functools import partial

from schemas.question import AnswerKind
from schemas.verdict import Judgement, Reason
from tasks.extraction.refusal import refuses
from tasks.judging.choice import pick, read_choices
from tasks.judging.consensus import Consensus, find_answers, judge_consensus
from tasks.judging.same_value import LIBRARIES, compare_cheaply
from tasks.judging.spec import read_spec
from tasks.judging.verifiers.resources import Killable, Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference

SEARCH = Killable("tasks.judging.consensus", "find_answers", 2.0)
"""To search all samples with a pattern of the user's."""


class ConsensusVerifier(KindVerifier):
    kind = AnswerKind.CONSENSUS
    version = "10"
    libraries = LIBRARIES
    spec = Consensus
    needs_gold = False
    checks_gold = False

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        try:
            asked = read_spec(reference.spec, Consensus)
        except ValueError as error:
            return Judgement.of(Reason.BAD_SPEC, answer, str(error))
        if refuses(answer):
            return Judgement.of(Reason.REFUSED, answer)
        samples, pattern, choices = asked.samples, asked.answer_pattern, read_choices(reference.spec)
        sampled = resources.call(SEARCH, samples, pattern) if pattern else find_answers(samples)
        if isinstance(sampled, Reason):
            return Judgement.of(sampled, answer)
        compare = partial(_compare_choices, choices) if choices else compare_cheaply
        return judge_consensus(answer, sampled, asked, compare)


def _compare_choices(choices: Sequence[str], one: str, other: str) -> Reason:
    first, second = pick(one, choices), pick(other, choices)
    if isinstance(first, Reason) or isinstance(second, Reason):
        return Reason.UNDECIDED
    return Reason.SAME_CHOICE if first == second else Reason.OTHER_CHOICE

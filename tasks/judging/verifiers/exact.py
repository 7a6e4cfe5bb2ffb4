"""Kind `exact`: the same text in normal form (`tasks.judging.same_text`)."""

from schemas.question import AnswerKind
from schemas.verdict import Judgement
from tasks.judging.answer_key import normal_text
from tasks.judging.refused import unless_refused
from tasks.judging.same_text import judge_exact
from tasks.judging.same_value import LIBRARIES
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference


class ExactVerifier(KindVerifier):
    kind = AnswerKind.EXACT
    version = "6"
    libraries = LIBRARIES

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return unless_refused(judge_exact(reference.gold, answer, reference.spec))

    def spelling(self, gold: str, answer: str) -> str:
        return normal_text(answer)

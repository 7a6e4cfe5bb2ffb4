"""Kind `exact`: the same text in normal form (`tasks.judging.same_text`)."""

import json

from schemas.question import AnswerKind
from schemas.record import canonical_json
from schemas.verdict import Judgement
from tasks.judging.answer_key import normal_text
from tasks.judging.refused import unless_refused
from tasks.judging.same_text import ExactSpec, judge_exact
from tasks.judging.same_value import LIBRARIES
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference


class ExactVerifier(KindVerifier):
    kind = AnswerKind.EXACT
    version = "8"
    libraries = LIBRARIES
    spec = ExactSpec

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return unless_refused(judge_exact(reference.gold, answer, reference.spec))

    def with_gold(self, spec: str, gold: str | None) -> str:
        """Without what was accepted beside another gold."""
        return canonical_json({name: value for name, value in json.loads(spec).items() if name != "accept"})

    def spelling(self, gold: str, answer: str) -> str:
        return normal_text(answer)

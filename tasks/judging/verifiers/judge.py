"""Kind `judge`: what another model says, by a rubric (`tasks.judging.rubric`); every other kind goes before it."""

from schemas.prompts import Prompts
from schemas.question import AnswerKind
from schemas.verdict import Judgement, Reason
from tasks.judging.rubric import AskFor, RubricSpec, judge_by_rubric
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import Reference, WholeVerifier
from tasks.replay.procedure import Procedure


class JudgeVerifier(WholeVerifier):
    kind = AnswerKind.JUDGE
    version = "2"
    spec = RubricSpec
    asks_model = True

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return Judgement.of(Reason.JUDGE_UNAVAILABLE, answer)

    def judge_by_model(self, answer: str, reference: Reference, ask: AskFor, prompts: Prompts) -> Procedure[Judgement]:
        return judge_by_rubric(ask, reference.gold, answer, reference.spec, reference.question, prompts)

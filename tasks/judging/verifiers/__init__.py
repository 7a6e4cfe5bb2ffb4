"""The verifier of every answer kind, by the kind's name."""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.judging.verifiers.choice import ChoiceVerifier
from tasks.judging.verifiers.code import CodeVerifier
from tasks.judging.verifiers.consensus import ConsensusVerifier
from tasks.judging.verifiers.constraints import ConstraintsVerifier
from tasks.judging.verifiers.exact import ExactVerifier
from tasks.judging.verifiers.judge import JudgeVerifier
from tasks.judging.verifiers.math import MathVerifier
from tasks.judging.verifiers.number import NumberVerifier
from tasks.judging.verifiers.reasoning_gym import ReasoningGymVerifier
from tasks.judging.verifiers.verifier import KindVerifier

VERIFIERS: Mapping[str, KindVerifier] = MappingProxyType(
    {
        "exact": ExactVerifier(),
        "number": NumberVerifier(),
        "math": MathVerifier(),
        "reasoning_gym": ReasoningGymVerifier(),
        "code": CodeVerifier(),
        "choice": ChoiceVerifier(),
        "constraints": ConstraintsVerifier(),
        "consensus": ConsensusVerifier(),
        "judge": JudgeVerifier(),
    }
)

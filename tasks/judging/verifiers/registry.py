"""Which verifier judges which answer kind."""

from collections.abc import Mapping, Sequence
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

_SHIPPED: Sequence[KindVerifier] = (
    *(ExactVerifier(), NumberVerifier(), MathVerifier(), ReasoningGymVerifier(), CodeVerifier(), ChoiceVerifier()),
    *(ConstraintsVerifier(), ConsensusVerifier(), JudgeVerifier()),
)

VERIFIERS: Mapping[str, KindVerifier] = MappingProxyType({str(each.kind): each for each in _SHIPPED})
"""By the name of the kind."""

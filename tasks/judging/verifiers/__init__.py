"""The verifier of every answer kind, by the kind's name; one is imported when it is first asked for."""

from collections.abc import Iterator, Mapping
from functools import cache
from pkgutil import resolve_name

from tasks.judging.verifiers.verifier import KindVerifier

CLASSES = {
    "exact": "tasks.judging.verifiers.exact:ExactVerifier",
    "number": "tasks.judging.verifiers.number:NumberVerifier",
    "math": "tasks.judging.verifiers.math:MathVerifier",
    "reasoning_gym": "tasks.judging.verifiers.reasoning_gym:ReasoningGymVerifier",
    "code": "tasks.judging.verifiers.code:CodeVerifier",
    "choice": "tasks.judging.verifiers.choice:ChoiceVerifier",
    "constraints": "tasks.judging.verifiers.constraints:ConstraintsVerifier",
    "consensus": "tasks.judging.verifiers.consensus:ConsensusVerifier",
    "judge": "tasks.judging.verifiers.judge:JudgeVerifier",
}


@cache
def _made(path: str) -> KindVerifier:
    made: KindVerifier = resolve_name(path)()
    return made


class _Verifiers(Mapping[str, KindVerifier]):
    def __getitem__(self, kind: str) -> KindVerifier:
        return _made(CLASSES[kind])

    def __contains__(self, kind: object) -> bool:
        return kind in CLASSES

    def __iter__(self) -> Iterator[str]:
        return iter(CLASSES)

    def __len__(self) -> int:
        return len(CLASSES)


VERIFIERS = _Verifiers()

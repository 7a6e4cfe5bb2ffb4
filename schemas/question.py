"""A seed problem and its reference answer."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from schemas.record import Record, content_key
from schemas.registry import Registry


class AnswerKind(StrEnum):
    """How an answer is compared with the gold: the shipped kinds."""

    EXACT = "exact"
    NUMBER = "number"
    MATH = "math"
    REASONING_GYM = "reasoning_gym"
    CODE = "code"
    """By running it on the cases of the spec."""
    CHOICE = "choice"
    CONSTRAINTS = "constraints"
    CONSENSUS = "consensus"
    JUDGE = "judge"


KINDS = Registry(
    "reflectory.verifiers",
    {
        "exact": "tasks.judging.verifiers.exact:ExactVerifier",
        "number": "tasks.judging.verifiers.number:NumberVerifier",
        "math": "tasks.judging.verifiers.math:MathVerifier",
        "reasoning_gym": "tasks.judging.verifiers.reasoning_gym:ReasoningGymVerifier",
        "code": "tasks.judging.verifiers.code:CodeVerifier",
        "choice": "tasks.judging.verifiers.choice:ChoiceVerifier",
        "constraints": "tasks.judging.verifiers.constraints:ConstraintsVerifier",
        "consensus": "tasks.judging.verifiers.consensus:ConsensusVerifier",
        "judge": "tasks.judging.verifiers.judge:JudgeVerifier",
    },
    base="tasks.judging.verifiers.verifier:KindVerifier",
)
"""Every kind that can be judged here, with its verifier."""
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""The name of a kind. A row may name one whose package is not installed any more."""


class Drawn(Record):
    """Which question a draw gave in which place: the same draw gives it again, whatever its generator does."""

    draw_id: str
    """Key over what is drawn from, the seed, and what else goes into a question; not over how many are wanted."""
    question_id: str
    number: int
    """Its place, 0-based."""


class Question(Record):
    """Keyed by everything it says: a changed tag is another question, but costs no new call."""

    question_id: str
    text: str
    gold: str | None
    """None when nobody knows the answer; its traces end as `unverified: no_gold`."""
    kind: Kind
    spec: str
    """A JSON object with what the verifier of this kind needs beside the gold; `{}` for most."""
    source: str
    """The family, such as `reasoning_gym/letter_counting` or `gsm8k_recorded`."""
    external_id: str | None
    """The `id` that the source gave."""
    tags: tuple[str, ...]
    licence: str | None

    @classmethod
    def of(
        cls,
        *,
        text: str,
        gold: str | None,
        kind: str,
        source: str,
        spec: str = "{}",
        external_id: str | None = None,
        tags: tuple[str, ...] = (),
        licence: str | None = None,
    ) -> "Question":
        """Return the question with its key."""
        key = content_key("question", text, gold, kind, spec, source, external_id, tags, licence)
        return cls(
            question_id=key,
            text=text,
            gold=gold,
            kind=kind,
            spec=spec,
            source=source,
            external_id=external_id,
            tags=tags,
            licence=licence,
        )

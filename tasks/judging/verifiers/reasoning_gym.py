"""Kind `reasoning_gym`: right by a rule for its family, or full score by the library's scorer (`tasks.judging.gym`)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from schemas.question import AnswerKind
from schemas.record import Record, canonical_json
from schemas.verdict import Judgement, Reason
from tasks.judging.gym_answer import find_gym_answer, find_gym_drafts
from tasks.judging.spec import read_spec
from tasks.judging.verifiers.resources import Killable, Resources
from tasks.judging.verifiers.verifier import KindVerifier, Read, Reference, unless_refused
from tasks.parsing.grammar import Parsed

SCORER = Killable("tasks.judging.gym", "score", 5.0)
"""A few of them search."""


@cache
def _installed() -> bool:
    return find_spec("reasoning_gym") is not None


class GymItem(Record):
    """An item of a data set of the library."""

    dataset: str
    entry: dict[str, Any]
    """As the data set gives it and JSON keeps it, its answer included."""


class ReasoningGymVerifier(KindVerifier):
    kind = AnswerKind.REASONING_GYM
    version = "8"
    libraries = ("reasoning-gym", "sympy")
    spec = GymItem
    needs_gold = False

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        if not _installed():
            return Judgement.of(Reason.GYM_NOT_INSTALLED, answer, "pip install 'reflectory[gym]'")
        try:
            item = read_spec(reference.spec, GymItem)
        except ValueError:
            return Judgement.of(Reason.BAD_SPEC, answer)
        scored = resources.call(SCORER, item.dataset, answer, item.entry)
        return unless_refused(Judgement.of(Reason(scored), answer))

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Find the answers by the form of the family's answers."""
        return find_gym_answer(text, parsed, spec.get("dataset")), find_gym_drafts(text, parsed, spec.get("dataset"))

    def with_gold(self, spec: str, gold: str | None) -> str:
        fields = json.loads(spec)
        return canonical_json(fields | {"entry": fields["entry"] | {"answer": gold}})

"""Kind `constraints`: the 25 verifiable instructions of IFEval (Zhou et al. 2023, arXiv 2311.07911), the 58 of IFBench
(Pyatkin et al. 2025, arXiv 2507.02833), and the 29 that its authors train on.

Ids, arguments and what follows them are as published (google-research, `instruction_following_eval`; allenai, IFBench),
but for languages, which another model tells here (`language`), and verbs, which are mostly left open (`StartVerb`). An
argument that is missing or that no instruction has is a bad spec; it is never drawn at random. A keyword that is no
regular expression is one, too.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType, ModuleType
from typing import Any

from pydantic import ValidationError, field_validator

from schemas.record import Record
from schemas.verdict import Judgement, Reason
from tasks.judging.constraints import (
    form,
    ifbench_count,
    ifbench_custom,
    ifbench_format,
    ifbench_words,
    training,
    words,
)
from tasks.judging.constraints.instruction import Found, Instruction, backtracks
from tasks.judging.spec import complaint, read_spec


def _by_id(*modules: ModuleType) -> Mapping[str, type[Instruction]]:
    """Every instruction that these modules define."""
    names = {module.__name__ for module in modules}
    found = (each for module in modules for each in vars(module).values() if isinstance(each, type))
    return MappingProxyType(
        {each.id: each for each in found if issubclass(each, Instruction) and each.__module__ in names}
    )


INSTRUCTIONS = _by_id(form, words)
"""Those of IFEval."""
IFBENCH = _by_id(ifbench_count, ifbench_custom, ifbench_format, ifbench_words)
TRAINING = _by_id(training)
"""Those that IFBench's authors train on."""
BY_ID = MappingProxyType({**TRAINING, **INSTRUCTIONS, **IFBENCH})
"""All of them; a prompt may mix them."""
EVIDENCE_CHARACTERS = 300


class ConstraintMode(StrEnum):
    STRICT = "strict"
    LOOSE = "loose"
    """Each instruction may also be followed by the text without its first line, its last or both, or without `*`."""


class Constraints(Record):
    """The spec of a question of this kind."""

    prompt: str = ""
    instruction_id_list: tuple[str, ...]
    kwargs: tuple[dict[str, Any], ...]
    """One object for each instruction. A null is as good as absent: tables fill their cells with it."""
    mode: ConstraintMode = ConstraintMode.STRICT

    @field_validator("kwargs", mode="before")
    @classmethod
    def _given(cls, kwargs: Any) -> Any:
        return [_without_nulls(given) for given in kwargs] if isinstance(kwargs, list) else kwargs

    def instructions(self) -> list[Instruction]:
        """Raise `ValueError` for an unknown id, wrong arguments, or none at all."""
        if unknown := [id for id in self.instruction_id_list if id not in BY_ID]:
            raise ValueError(f"instruction_id_list: got {unknown[0]!r}; needs an id of IFEval, IFBench or IF-RLVR")
        if not len(self.instruction_id_list) == len(self.kwargs) > 0:
            raise ValueError(f"kwargs: got {len(self.kwargs)}; needs one for each of at least one instruction")
        try:
            return [
                BY_ID[id].model_validate(given) for id, given in zip(self.instruction_id_list, self.kwargs, strict=True)
            ]
        except ValidationError as error:
            raise ValueError(complaint(error)) from None


def judge_constraints(response: str, spec: str) -> Judgement:
    """Judge whether a response keeps to its instructions: correct if every instruction is followed; the evidence names
    those that are not. A blank text follows none.
    """
    try:
        constraints = read_spec(spec, Constraints)
        instructions = constraints.instructions()
    except ValueError as error:
        return Judgement.of(Reason.BAD_SPEC, response, str(error)[:EVIDENCE_CHARACTERS])
    texts = dict.fromkeys(variants(response)) if constraints.mode is ConstraintMode.LOOSE else (response,)
    found = [check(instruction, texts) for instruction in instructions]
    named = list(zip(constraints.instruction_id_list, found, strict=True))
    for followed, reason in ((False, Reason.CONSTRAINT_BROKEN), (None, Reason.UNDECIDED)):
        if failed := [f"{id}: {one.what}" for id, one in named if one.followed is followed]:
            return Judgement.of(reason, response, "; ".join(failed)[:EVIDENCE_CHARACTERS])
    return Judgement.of(Reason.CONSTRAINTS_MET, response, f"{len(found)} of {len(found)} followed")


def may_take_long(spec: str) -> bool:
    """Return whether judging by this spec may take exponential time, so that it has to be done where it can be
    killed.
    """
    try:
        instructions = read_spec(spec, Constraints).instructions()
    except ValueError:
        return False
    return any(backtracks(pattern) for one in instructions for pattern in one.patterns())


def judged(response: str, spec: str) -> dict[str, Any]:
    """Return what `judge_constraints` gives, as JSON."""
    return judge_constraints(response, spec).model_dump(mode="json")


def check(instruction: Instruction, texts: Iterable[str]) -> Found:
    """Return what is found in the first of `texts`, unless another one follows the instruction, or may do so."""
    found = [_check(instruction, text) for text in texts]
    ranked = sorted(found, key=lambda one: (True, None, False).index(one.followed))
    return found[0] if ranked[0].followed is False else ranked[0]


def variants(response: str) -> tuple[str, ...]:
    """Return the eight texts of the published loose criterion: as it is, less its first line, last line or both; then
    each of these without asterisks.
    """
    lines = response.split("\n")
    cut = [response, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return (*cut, *(text.replace("*", "") for text in cut))


def _check(instruction: Instruction, text: str) -> Found:
    if not text.strip():
        return Found(False, "blank")
    try:
        return instruction.check(text)
    except TimeoutError:  # NLTK gives each of its patterns 5 s
        return Found(None, "took too long")


def _without_nulls(given: Any) -> Any:
    """Also null itself, in place of an object, is none."""
    if not isinstance(given, dict | None):
        return given
    return {name: value for name, value in (given or {}).items() if value is not None}

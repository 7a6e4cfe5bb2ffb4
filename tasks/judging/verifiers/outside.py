"""Verifiers of outside packages. Untrusted ones run in a process of their own: what it leaves open is unverified."""

import os
import sys
from contextlib import closing
from pkgutil import resolve_name
from typing import Any

from pydantic import ValidationError

from schemas.errors import Refused
from schemas.question import KINDS
from schemas.record import Json
from schemas.verdict import Judgement, Reason
from tasks.judging.verifiers.resources import Killable, Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference
from tasks.killable import WALL_FACTOR, KillableProcess

COPIED = ("version", "needs_gold", "checks_gold", "judges_blank", "states_answers", "works_out", "timeout_s")
"""What the judge knows of an untrusted one without importing it."""
_LOOK_S = 5.0


def outside_verifier(kind: str) -> KindVerifier:
    """Return the verifier of a kind that another package brings. Its package is among the libraries of its version.

    It is first looked at in a process of its own, so that only a trusted one is imported here. Raises `Refused` for one
    that cannot be used.
    """
    found = _look(kind)
    own = {"kind": kind, "libraries": (found["package"], *found["libraries"])}
    if found["trusted"]:
        trusted: type[KindVerifier] = KINDS.load(kind)
        return _subclass((trusted,), own)()
    shipped: type[KindVerifier] = resolve_name(found["base"])
    return _subclass((_Isolated, shipped), own | {name: found[name] for name in COPIED})()


def _look(kind: str) -> dict[str, Any]:
    with closing(KillableProcess(*_process(kind, _LOOK_S))) as process:
        try:
            found = process.ask("describe")
        except RuntimeError as error:
            raise Refused(f"{KINDS.told(kind)}: {error}") from None
    if isinstance(found, Reason):
        raise Refused(f"{KINDS.told(kind)}: its process ended while it was looked at ({found})")
    described: dict[str, Any] = found
    if "refused" in described:
        raise Refused(described["refused"])
    return described


def _subclass(bases: tuple[type[KindVerifier], ...], attributes: dict[str, Any]) -> type[KindVerifier]:
    made: type[KindVerifier] = type(bases[-1].__name__, bases, attributes)
    return made


class _Isolated(KindVerifier):
    """Asks a process that is killed when its time is up. How answers are read is that of the shipped class below it."""

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return self._asked(answer, resources, "judge", answer, *reference)

    def check_gold(self, reference: Reference, resources: Resources) -> Judgement:
        return self._asked(reference.gold, resources, "check_gold", *reference)

    def _asked(self, answer: str, resources: Resources, *request: Json) -> Judgement:
        """What it says; `unverified`, with the evidence, where it does not come to an end or says no judgement."""
        try:
            found = resources.call(_process(self.kind, self.timeout_s), *request)
        except RuntimeError as error:
            found = {"wrong": str(error)}
        if isinstance(found, Reason):
            return Judgement.of(found, answer, f"{KINDS.told(self.kind)}: {self._ended(found)}")
        judged = _judgement(found)
        if isinstance(judged, Judgement):
            return judged
        return Judgement.of(Reason.VERIFIER_CRASHED, answer, f"{KINDS.told(self.kind)}: {judged}")

    def _ended(self, reason: Reason) -> str:
        if reason is Reason.VERIFIER_TIMEOUT:
            return f"took more than {self.timeout_s:g} s of processor time, or {WALL_FACTOR:g} times that on the clock"
        return "its process ended while it judged, by os._exit or a crash"


def _judgement(found: Any) -> Judgement | str:
    """What a verifier's process said, or what is wrong with that."""
    if isinstance(found, dict) and "wrong" in found:
        return str(found["wrong"])
    try:
        judged = Judgement.model_validate(found)
    except ValidationError as error:
        return f"returned no judgement ({error.errors()[0]['msg']})"
    if judged.verdict is not judged.reason.ruling:
        return f"said {judged.verdict} with the reason {judged.reason}; needs Judgement.of(reason, answer)"
    return judged


def _process(kind: str, timeout_s: float) -> Killable:
    paths = tuple(os.path.abspath(path) for path in sys.path if path)  # noqa: PTH100  a zip on the path is no folder
    return Killable("tasks.judging.verifiers.outside_process", "serving", timeout_s, (kind,), paths)

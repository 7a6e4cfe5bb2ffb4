"""Verifiers of outside packages. Untrusted ones run in a process of their own: what it leaves open is unverified."""

import os
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
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
from tasks.raised import raised

COPIED = (
    *("version", "needs_gold", "checks_gold", "spec_decides", "judges_blank", "states_answers", "works_out"),
    "timeout_s",
)
"""What the judge knows of an untrusted one without importing it."""
_LOOK_S = 5.0


def outside_verifier(kind: str) -> KindVerifier:
    """Return the verifier of a kind that another package brings. Its package is among the libraries of its version.

    It is first looked at in a process of its own, so that only a trusted one is imported here. Raises `Refused` for one
    that cannot be used.
    """
    found = _look(kind)
    own = {"kind": kind, "libraries": (found["package"], *found["libraries"]), "spec": None}
    if found["trusted"]:
        trusted: type[KindVerifier] = KINDS.load(kind)
        return _subclass((_Guarded, trusted), own)()
    shipped: type[KindVerifier] = resolve_name(found["base"])
    return _subclass((_Isolated, shipped), own | {name: found[name] for name in COPIED})()


def _look(kind: str) -> dict[str, Any]:
    with closing(KillableProcess(*_process(kind, _LOOK_S))) as process:
        try:
            found = process.ask("describe")
        except RuntimeError as error:
            raise Refused(f"{KINDS.describe(kind)}: {error}") from None
    if isinstance(found, Reason):
        raise Refused(f"{KINDS.describe(kind)}: its process ended while it was looked at ({found})")
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
            return Judgement.of(found, answer, f"{KINDS.describe(self.kind)}: {self._ended(found)}")
        return _ruled(_read(found), answer, self.kind)

    def _ended(self, reason: Reason) -> str:
        if reason is Reason.VERIFIER_TIMEOUT:
            return f"took more than {self.timeout_s:g} s of processor time, or {WALL_FACTOR:g} times that on the clock"
        return "its process ended while it judged, by os._exit or a crash"


class _Guarded(KindVerifier):
    """In the judge's process: what the class below it raises, or returns that is no judgement, is unverified too."""

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        judge = partial(super().judge, answer, reference, resources)  # type: ignore[safe-super]
        return _ruled(judgement(judge, type(self).__mro__[2].__module__), answer, self.kind)

    def check_gold(self, reference: Reference, resources: Resources) -> Judgement:
        check = partial(super().check_gold, reference, resources)
        return _ruled(judgement(check, type(self).__mro__[2].__module__), reference.gold, self.kind)


def judgement(judge: Callable[[], object], module: str) -> Judgement | str:
    """Return what a method of `module` says, or what is wrong: what it raised, or returned that is no judgement."""
    try:
        return _checked(judge())
    except (Exception, SystemExit) as error:  # noqa: BLE001  `sys.exit` is no way to judge, either
        return raised(error, module)


def _checked(judged: object) -> Judgement | str:
    if not isinstance(judged, Judgement):
        return f"returned {type(judged).__name__}; needs Judgement.of(reason, answer)"
    if judged.verdict is not judged.reason.ruling:
        return f"said {judged.verdict} with the reason {judged.reason}; needs Judgement.of(reason, answer)"
    return judged


def _read(found: Any) -> Judgement | str:
    """What a verifier's process said: a judgement as JSON, or `{"wrong": …}`."""
    if isinstance(found, dict) and "wrong" in found:
        return str(found["wrong"])
    try:
        return _checked(Judgement.model_validate(found))
    except ValidationError as error:
        return f"returned no judgement ({error.errors()[0]['msg']})"


def _ruled(judged: Judgement | str, answer: str, kind: str) -> Judgement:
    if isinstance(judged, Judgement):
        return judged
    return Judgement.of(Reason.VERIFIER_CRASHED, answer, f"{KINDS.describe(kind)}: {judged}")


def _process(kind: str, timeout_s: float) -> Killable:
    paths = tuple(os.path.abspath(path) for path in sys.path if path)  # noqa: PTH100  a zip on the path is no folder
    return Killable("tasks.judging.verifiers.outside_process", "serving", timeout_s, (kind,), paths)

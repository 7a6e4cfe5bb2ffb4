"""What runs in the process of an outside verifier: the one place where an untrusted one is imported."""

from collections.abc import Callable
from functools import partial
from typing import Any

from schemas.errors import Refused
from schemas.question import KINDS
from schemas.record import Json
from tasks.judging.verifiers.outside import COPIED, judgement
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference
from tasks.sandbox.read_only import read_only

READING = ("read", "stated", "labels", "answer_key", "spelling", "with_gold")
"""Methods that are called in the judge's process."""
_SHIPPED = "tasks."
_HINT = "; an untrusted verifier changes no file, also when it is imported: needs trusted = True"


def serving(kind: str) -> Callable[..., Json]:
    """Import the verifier of the kind, and change no file any more; returns what answers requests: a method's name, and
    its arguments. A judgement is a `Judgement` as JSON, or `{"wrong": …}` with what was raised or returned instead.
    """
    try:
        read_only()
        verifier: KindVerifier = KINDS.load(kind)()
        found = describe(kind, verifier)
    except Refused as refused:
        why = {"refused": f"{refused}{_HINT if _denied(refused) else ''}"}
        return lambda *request: why
    except Exception as error:  # noqa: BLE001  whatever it does when it is made
        why = {"refused": f"{KINDS.describe(kind)}: cannot make it ({type(error).__name__}: {error})"}
        return lambda *request: why
    resources = Resources()

    def answer(method: str, *given: Any) -> Json:
        if method == "describe":
            return found
        if method == "judge":
            ask = partial(verifier.judge, given[0], Reference(*given[1:]), resources)
        else:
            ask = partial(verifier.check_gold, Reference(*given), resources)
        judged = judgement(ask, type(verifier).__module__)
        return {"wrong": judged} if isinstance(judged, str) else judged.model_dump(mode="json")

    return answer


def _denied(error: BaseException | None) -> bool:
    """Whether a file that it may not change is what an import failed by."""
    while error and not isinstance(error, PermissionError):
        error = error.__cause__ or error.__context__
    return error is not None


def describe(kind: str, verifier: KindVerifier) -> dict[str, Any]:
    """Return what the judge must know of it. Raises `Refused` for what an outside verifier may not be."""
    entry, classes = KINDS.describe(kind), type(verifier).__mro__
    theirs = [one for one in classes if not one.__module__.startswith(_SHIPPED)]
    base = next(one for one in classes if one.__module__.startswith(_SHIPPED))
    if getattr(verifier, "kind", kind) != kind:
        raise Refused(f"{entry}: its class has the kind {verifier.kind!r}; needs the entry's name")
    if not isinstance(getattr(verifier, "version", None), str):
        raise Refused(f"{entry}: its class has no version; needs a text that changes when its verdicts may")
    reading = [name for name in READING if any(name in vars(one) for one in theirs)]
    if not verifier.trusted and (reading or verifier.asks_model):
        why = f"has a method {reading[0]} of its own" if reading else "asks a model"
        raise Refused(f"{entry}: its class {why}, and that is in the judge's process; needs trusted = True")
    distribution = KINDS.outside[kind].dist
    return {
        "trusted": bool(verifier.trusted),
        "package": distribution.name if distribution else "",
        "libraries": list(verifier.libraries),
        "base": f"{base.__module__}:{base.__qualname__}",
        **{name: getattr(verifier, name) for name in COPIED},
    }

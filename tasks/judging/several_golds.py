"""Several golds, each of which is right by itself: the first is the gold, its spec accepts the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.judging.verifiers import VERIFIERS


def accepting(spec: Mapping[str, Any], others: Sequence[str], kind: str) -> dict[str, Any]:
    """Return the spec with the golds after the first among what it accepts.

    Raises `ValueError`, which says what is needed, for a kind that compares with one gold alone.
    """
    record = VERIFIERS[kind].spec
    if record is None or "accept" not in record.model_fields:
        raise ValueError(f"one gold for kind {kind}, whose spec accepts no others; exact's does")
    given = spec.get("accept")
    return {**spec, "accept": [*(given if isinstance(given, list) else ()), *others]}

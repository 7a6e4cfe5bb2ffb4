"""The spec of a question: a JSON object that brings what its kind needs, beside what other readers take from it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.record import Record

R = TypeVar("R", bound=Record)
_LONGEST = 80
"""Characters of a value in a message."""
_NONE: Mapping[str, Any] = MappingProxyType({})


def read_spec(spec: str, record: type[R], defaults: Mapping[str, Any] = _NONE) -> R:
    """Return what `record` has fields for, from `defaults` where the spec does not name them. A null is as good as
    absent, because tables fill their cells with it.

    Raises `ValueError`, whose message says which field is wrong and why.
    """
    try:
        fields = json.loads(spec)
    except RecursionError:
        raise ValueError("the spec is nested too deeply") from None
    if not isinstance(fields, dict):
        raise ValueError("the spec is no JSON object")
    fields = {**defaults, **fields}
    try:
        return record.model_validate(
            {name: fields[name] for name in record.model_fields if fields.get(name) is not None}
        )
    except ValidationError as error:
        raise ValueError(complaint(error)) from None


def complaint(error: ValidationError) -> str:
    """Say of the first fault which field it is in, what was got, and what is needed."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or error.title
    if first["type"] == "missing":
        return f"{field}: got none; needs a value"
    return f"{field}: got {repr(first['input'])[:_LONGEST]}; {first['msg'].replace('Input should be', 'needs')}"

"""The spec of a question: a JSON object that brings what its kind needs, beside what other readers take from it."""

import json
from typing import TypeVar

from pydantic import ValidationError

from schemas.record import Record

R = TypeVar("R", bound=Record)


def read_spec(spec: str, record: type[R]) -> R:
    """What `record` has fields for; a null is as good as absent, because tables fill their cells with it.

    Raises `ValueError`, whose message says which field is wrong and why.
    """
    try:
        fields = json.loads(spec)
    except RecursionError:
        raise ValueError("the spec is nested too deeply") from None
    if not isinstance(fields, dict):
        raise ValueError("the spec is no JSON object")
    try:
        return record.model_validate(
            {name: fields[name] for name in record.model_fields if fields.get(name) is not None}
        )
    except ValidationError as error:
        raise ValueError(complaint(error)) from None


def complaint(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or error.title}: {first['msg']}"

"""A section of a configuration: values only, and the types of keys that several have."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetPydanticSchema, WithJsonSchema


def _required_first(schema: dict[str, Any]) -> None:
    """A form that is made of the schema opens with what has to be filled in."""
    required = schema.get("required", ())
    schema["properties"] = dict(sorted(schema.get("properties", {}).items(), key=lambda each: each[0] not in required))


class Section(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        json_schema_extra=_required_first,
    )


_REFERENCE = r"^(env:[A-Za-z_][A-Za-z0-9_]*|prefect:[a-z0-9]+(-[a-z0-9]+)*)$"
"""To an environment variable, or to a Secret block of Prefect's server."""


def _reference(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(_REFERENCE, value, re.ASCII):
        # the value is not repeated: it may be a key
        raise ValueError(
            "got a literal; give a reference such as env:OPENAI_API_KEY, or prefect:NAME for a Secret block of Prefect:"
            " a key never lands in a table"
        )
    return value


def _of_the_form(pattern: str, optional: bool) -> WithJsonSchema:
    """For who checks values by the JSON schema and stores them before we see them, as Prefect does with its form."""
    text: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema({"anyOf": [text, {"type": "null"}]} if optional else text)


_URL = r"^https?://[^\s@/?#]+(/[^\s?#]*)?$"
"""User information and queries may hold a key."""
Reference = Annotated[str | None, AfterValidator(_reference), _of_the_form(_REFERENCE, True)]
TeacherURL = Annotated[str, _of_the_form(f"^practice$|{_URL}", False)]
DrafterURL = Annotated[str, _of_the_form(f"^student$|^practice$|{_URL}", False)]
ServerURL = Annotated[str | None, _of_the_form(_URL, True)]
Share = Annotated[float, Field(gt=0, le=1)]


def one_of(names: Iterable[str]) -> GetPydanticSchema:
    """Annotate text that has to be one of the names, such as those of a registry."""
    return GetPydanticSchema(lambda _, handler: handler.generate_schema(Literal[tuple(names)]))

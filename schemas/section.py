"""A section of a configuration: values only, and the types of keys that several have."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetPydanticSchema, WithJsonSchema


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def _reference(value: str | None) -> str | None:
    if value is not None and not (value.startswith("env:") and value[4:].isidentifier()):
        # the value is not repeated: it may be a key
        raise ValueError("got a literal; give a reference such as env:OPENAI_API_KEY: a key never lands in a table")
    return value


def _of_the_form(pattern: str, optional: bool) -> WithJsonSchema:
    """For who checks values by the JSON schema and stores them before we see them, as Prefect does with its form."""
    text: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema({"anyOf": [text, {"type": "null"}]} if optional else text)


_URL = r"^https?://[^\s@/?#]+(/[^\s?#]*)?$"
"""User information and queries may hold a key."""
Reference = Annotated[str | None, AfterValidator(_reference), _of_the_form(r"^env:[A-Za-z_][A-Za-z0-9_]*$", True)]
TeacherURL = Annotated[str, _of_the_form(f"^practice$|{_URL}", False)]
DrafterURL = Annotated[str, _of_the_form(f"^student$|^practice$|{_URL}", False)]
ServerURL = Annotated[str | None, _of_the_form(_URL, True)]
Share = Annotated[float, Field(gt=0, le=1)]


def one_of(names: Iterable[str]) -> GetPydanticSchema:
    """Annotates text that has to be one of the names, such as those of a registry."""
    return GetPydanticSchema(lambda _, handler: handler.generate_schema(Literal[tuple(names)]))

"""A section of a configuration: values only, and the types of keys that several have."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetPydanticSchema


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def _reference(value: str | None) -> str | None:
    if value is not None and not (value.startswith("env:") and value[4:].isidentifier()):
        # the value is not repeated: it may be a key
        raise ValueError("got a literal; give a reference such as env:OPENAI_API_KEY: a key never lands in a table")
    return value


Reference = Annotated[str | None, AfterValidator(_reference)]
Share = Annotated[float, Field(gt=0, le=1)]


def one_of(names: Iterable[str]) -> GetPydanticSchema:
    """Annotates text that has to be one of the names, such as those of a registry."""
    return GetPydanticSchema(lambda _, handler: handler.generate_schema(Literal[tuple(names)]))

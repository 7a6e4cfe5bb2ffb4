"""A section of a configuration: values only, and a key that is a reference to a secret."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def _reference(value: str | None) -> str | None:
    if value is not None and not (value.startswith("env:") and value[4:].isidentifier()):
        # the value is not repeated: it may be a key
        raise ValueError("got a literal; give a reference such as env:OPENAI_API_KEY: a key never lands in a table")
    return value


Reference = Annotated[str | None, AfterValidator(_reference)]

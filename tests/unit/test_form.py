"""Prefect's form: a literal key would be stored before we see it, so the schema that the server checks refuses it."""

from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools.validation import ValidationError, validate

from flows.curate import curate
from flows.maintain import maintain
from flows.publish import release
from flows.recycle import recycle
from flows.rescore import rescore
from flows.synthesize import synthesize

SCHEMA = parameter_schema(synthesize.fn).model_dump_for_openapi()
KEY = "sk-planted-0123456789abcdef"


def parameters(section: str, **values: object) -> dict[str, Any]:
    return {"configuration": {"questions": {"source": "reasoning_gym"}, section: values}}


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("teacher", "api_key", KEY),
        ("teacher", "api_key", f"env:{KEY}"),
        ("teacher", "api_key", ""),
        ("teacher", "api_key", f"prefect:{KEY}/"),
        ("teacher", "api_key", "prefect:"),
        ("teacher", "api_key", "prefect:Not A Name"),
        ("judge", "api_key", KEY),
        ("student", "api_key", KEY),
        ("teacher", "base_url", f"https://me:{KEY}@host/v1"),
        ("teacher", "base_url", f"https://host/v1?key={KEY}"),
        ("student", "base_url", f"https://{KEY}@host/v1"),
    ],
)
def test_a_literal_key_is_refused_by_the_schema(section: str, key: str, value: str) -> None:
    with pytest.raises(ValidationError):
        validate(parameters(section, **{key: value}), SCHEMA, raise_on_error=True)


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("teacher", {"api_key": "env:OPENAI_API_KEY", "base_url": "https://host:8000/v1"}),
        ("teacher", {"api_key": None, "base_url": "practice"}),
        ("teacher", {"base_url": "http://[::1]:8000"}),
        ("judge", {"api_key": "env:_A9"}),
        ("student", {"api_key": "env:VLLM_API_KEY"}),
        ("teacher", {"api_key": "prefect:openai-key"}),
    ],
)
def test_references_and_plain_addresses_pass(section: str, values: dict[str, object]) -> None:
    """The control: the schema would else refuse everything."""
    validate(parameters(section, **values), SCHEMA, raise_on_error=True)


def test_the_recycling_form_refuses_it_too() -> None:
    schema = parameter_schema(recycle.fn).model_dump_for_openapi()
    given: dict[str, Any] = {"configuration": {"pairs": {"path": "p.jsonl"}, "teacher": {"api_key": "env:A"}}}
    validate(given, schema, raise_on_error=True)
    given["configuration"]["teacher"]["api_key"] = KEY
    with pytest.raises(ValidationError):
        validate(given, schema, raise_on_error=True)


@pytest.mark.parametrize(("flow", "first"), [(synthesize, "questions"), (recycle, "pairs"), (rescore, "questions")])
def test_the_form_opens_with_what_must_be_filled_in_and_says_what_each_key_is(flow: Flow[..., Any], first: str) -> None:
    schema = parameter_schema(flow.fn).model_dump_for_openapi()
    definition = schema["definitions"][schema["properties"]["configuration"]["$ref"].rpartition("/")[2]]
    assert next(iter(schema["properties"])) == "configuration"
    assert next(iter(definition["properties"])) == first
    assert definition["required"] == [first]
    silent = [
        f"{name}.{key}"
        for name, each in schema["definitions"].items()
        for key, value in each.get("properties", {}).items()
        if not value.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize("flow", [curate, release, maintain])
def test_the_other_forms_say_what_each_parameter_is(flow: Flow[..., Any]) -> None:
    properties = parameter_schema(flow.fn).model_dump_for_openapi()["properties"]
    assert [key for key, value in properties.items() if not value.get("description")] == []

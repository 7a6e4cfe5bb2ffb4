"""Answers that a server holds to the form of a trace: what it is sent for that, and what comes back as JSON. Pure."""

import json
from typing import Any

from schemas.call import Call
from schemas.teacher import StructuredOutput
from tasks.asking.compose import compose
from tasks.parsing.grammar import TAG, ReflectionText, write

JSON_NAME = "reflection_trace"
_STEP = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["step", "reflection"]}, "text": {"type": "string"}},
    "required": ["kind", "text"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"thinking": {"type": "array", "items": _STEP}, "output": {"type": "string"}},
    "required": ["thinking", "output"],
    "additionalProperties": False,
}
"""A trace as JSON, within what strict modes take: no key is optional, and none is added."""


def gbnf(reflects: bool) -> str:
    """Return the grammar of the tags for llama.cpp, and for vLLM's xgrammar, which reads the same: a thinking, with at
    least one reflection where it `reflects`, and an output. A text holds no `<` that could begin a tag.
    """
    thinking = "(reflection text?)+" if reflects else ""
    rules = [
        rf'root ::= "<thinking>" text {thinking} "</thinking>\n<output>" text "</output>"',
        *(['reflection ::= "<reflection>" text "</reflection>"'] if reflects else []),
        r"text ::= [ \n]* first rest*",
        r'first ::= [^< \n\t\r] | "<" [^/tro<]',
        r'rest ::= [^<] | "<" [^/tro<]',
    ]
    return "\n".join(rules) + "\n"


def structured_body(output: StructuredOutput, reflects: bool) -> dict[str, Any]:
    """Return what is sent beside messages and sampling."""
    match output:
        case StructuredOutput.LLAMA_CPP:
            return {"grammar": gbnf(reflects)}
        case StructuredOutput.VLLM:
            return {"structured_outputs": {"grammar": gbnf(reflects)}}
        case StructuredOutput.JSON_SCHEMA:
            schema = {"name": JSON_NAME, "strict": True, "schema": SCHEMA}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}


def text_of(call: Call) -> str:
    """Return what came back as the text of a trace: JSON in our schema, where that was asked for, in tags."""
    asked_json = JSON_NAME in (call.extra_body or "")
    tagged = from_json(call.content or "") if asked_json else None
    return compose(call.content if tagged is None else tagged, call.reasoning)


def from_json(content: str) -> str | None:
    """Return a trace in tags; None for what is no whole trace in our schema. A tag that a text mentions is spelt
    `&lt;output>`.
    """
    try:
        value = json.loads(content)
        steps = [(step["kind"], _without_tags(step["text"])) for step in value["thinking"]]
        output = _without_tags(value["output"])
        parts = [ReflectionText(text) if kind == "reflection" else text for kind, text in steps if text.strip()]
        return write([each for part in parts for each in (part, "\n")][:-1], output)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _without_tags(text: str) -> str:
    return TAG.sub(lambda found: "&lt;" + found[0][1:], text)

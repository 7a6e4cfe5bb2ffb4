"""Answers that a server holds to the form: what the grammar takes is well-formed, and JSON comes back as tags."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.call import Message
from schemas.configuration import RunConfiguration
from schemas.recycling import RecycleConfiguration
from schemas.teacher import StructuredOutput
from schemas.trace import Structure
from tasks.asking.structured import JSON_NAME, SCHEMA, from_json, gbnf, structured_body
from tasks.parsing.grammar import parse
from tasks.practice.behaviour import reply
from tasks.tracing.strategy import Answer, strategy_of
from tests.scripted import FLAWED, HOLDS, play, said, teacher

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\[(?:[^\]\\]|\\.)*\])|([a-z]+)|([()|*?+])')


def as_pattern(grammar: str) -> str:
    """The regular expression of a grammar whose rules do not call themselves."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())

    def pieces(rule: str) -> Iterator[str]:
        for literal, several, name, mark in _TOKEN.findall(rule):
            yield (
                re.escape(literal.replace("\\n", "\n"))
                if literal
                else f"(?:{expand(name)})"
                if name
                else several or mark
            )

    def expand(name: str) -> str:
        return "".join(pieces(rules[name]))

    return expand("root")


REFLECTED = "<thinking>1 < 2. <reflection>\nYes: 1 <= 2.\n</reflection> So.</thinking>\n<output>2\n</output>"


@pytest.mark.parametrize(
    ("text", "reflects", "taken"),
    [
        (REFLECTED, True, True),
        ("<thinking>a<reflection>b</reflection><reflection>c</reflection></thinking>\n<output>d</output>", True, True),
        ("<thinking>a</thinking>\n<output>d</output>", True, False),
        ("<thinking>a</thinking>\n<output>d</output>", False, True),
        (REFLECTED, False, False),
        ("<thinking> \n</thinking>\n<output>d</output>", False, False),
        ("<thinking>a</thinking>\n<output> </output>", False, False),
        ("<thinking>a<thinking></thinking>\n<output>d</output>", False, False),
        ("<thinking>a<<output></thinking>\n<output>d</output>", False, False),
        ("<thinking>a</thinking>\n<output>d</output> Bye.", False, False),
        ("Hello. <thinking>a</thinking>\n<output>d</output>", False, False),
    ],
)
def test_what_the_grammar_takes(text: str, reflects: bool, taken: bool) -> None:
    assert bool(re.fullmatch(as_pattern(gbnf(reflects)), text)) is taken


@pytest.mark.parametrize("reflects", [True, False])
def test_all_that_the_grammar_takes_is_well_formed(reflects: bool) -> None:
    """Texts put together at random out of what could go wrong: no one that it takes has a defect."""
    pattern, rng, taken = re.compile(as_pattern(gbnf(reflects))), random.Random(0), 0
    bits = ["a", " ", "\n", "<", "<<", "< b", "</", "<t", "<output>", "</thinking>", "<reflection>", "é", "<1"]
    for _ in range(3000):
        inner = ["".join(rng.choices(bits, k=rng.randint(1, 3))) for _ in range(3)]
        middle = f"<reflection>{inner[1]}</reflection>" if rng.random() < 0.7 else ""
        text = f"<thinking>{inner[0]}{middle}</thinking>\n<output>{inner[2]}</output>"
        if pattern.fullmatch(text):
            taken += 1
            parsed = parse(text, "stop")
            assert parsed.structure is Structure.OK, text
            assert bool(parsed.reflections) is reflects
    assert taken > 20


TRACE: dict[str, Any] = {
    "thinking": [
        {"kind": "step", "text": "It adds up. So the answer is 1220."},
        {"kind": "reflection", "text": "859 + 467 is 1326."},
        {"kind": "step", "text": "So the answer is 1219."},
    ],
    "output": "Answer: 1219",
}
TAGGED = (
    "<thinking>It adds up. So the answer is 1220.\n<reflection>859 + 467 is 1326.</reflection>\n"
    "So the answer is 1219.</thinking>\n<output>Answer: 1219</output>"
)


@pytest.mark.parametrize(
    ("content", "tagged"),
    [
        (json.dumps(TRACE), TAGGED),
        (json.dumps(TRACE | {"output": "an <output>"}), TAGGED.replace("Answer: 1219", "an &lt;output>")),
        (f"\n {json.dumps(TRACE, indent=2)} ", TAGGED),
        (json.dumps(TRACE | {"thinking": [*TRACE["thinking"], {"kind": "step", "text": " "}]}), TAGGED),
        (json.dumps(TRACE | {"thinking": []}), None),
        (json.dumps(TRACE | {"output": ""}), None),
        (json.dumps(TRACE | {"output": 1219}), None),
        (json.dumps({"output": "1219"}), None),
        (json.dumps([TRACE]), None),
        (json.dumps(TRACE)[:-9], None),
        ("1219", None),
        ("", None),
    ],
)
def test_json_comes_back_as_tags_or_stays_as_it_is(content: str, tagged: str | None) -> None:
    assert from_json(content) == tagged
    step, _ = play(teacher(structured="json_schema"), [said(content)])
    assert isinstance(step, Answer)
    assert step.text == (content if tagged is None else tagged)
    plain, _ = play(teacher(), [said(content)])
    assert plain == Answer(content, "stop"), "JSON that nobody asked for is what was said"


def test_reasoning_stands_before_it() -> None:
    step, _ = play(teacher(structured="json_schema"), [said(json.dumps(TRACE), reasoning="Hm.")])
    assert isinstance(step, Answer)
    assert step.text == TAGGED.replace("It adds", "Hm.\n\nIt adds")


def test_only_what_is_to_have_tags_is_held_to_them() -> None:
    """A check is prose: held to the tags, it could give no verdict."""
    settings = teacher(strategy="draft_reflect_revise", structured="vllm", extra_body={"top_k": 3})
    draft = said("<thinking>So the answer is 1220.</thinking>\n<output>1220</output>")
    _, (first, check, revise) = play(settings, [draft, said(FLAWED), draft])
    held = {"top_k": 3, "structured_outputs": {"grammar": gbnf(reflects=False)}}
    assert [json.loads(r.extra_body or "{}") for r in (first, check, revise)] == [held, {"top_k": 3}, held]
    single = strategy_of(teacher(structured="llama_cpp")).first_request("q", 0, "e", 0, "")
    assert json.loads(single.extra_body or "{}") == {"grammar": gbnf(reflects=True)}
    assert strategy_of(teacher()).first_request("q", 0, "e", 0, "").extra_body is None, "as before there was the key"
    told = strategy_of(teacher(structured="json_schema")).first_request("q", 0, "e", 0, "").messages[0]
    assert '"thinking" is the list' in told.content


def test_the_schema_is_one_that_strict_modes_take() -> None:
    sent = structured_body(StructuredOutput.JSON_SCHEMA, reflects=True)["response_format"]["json_schema"]
    assert (sent["name"], sent["strict"], sent["schema"]) == (JSON_NAME, True, SCHEMA)
    for each in (SCHEMA, SCHEMA["properties"]["thinking"]["items"]):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


ASKED = {"questions": {"source": "jsonl", "path": "x"}}


@pytest.mark.parametrize(
    ("values", "said_of"),
    [
        ({"structured": "llama_cpp", "extra_body": {"grammar": "x"}}, "got grammar beside"),
        ({"structured": "vllm", "extra_body": {"response_format": {}}}, "got response_format beside"),
        ({"structured": "vllm", "strategy": "assembled"}, "asks for no tags"),
        ({"structured": "gbnf"}, "structured"),
    ],
)
def test_what_a_configuration_may_not_say(values: dict[str, Any], said_of: str) -> None:
    with pytest.raises(ValidationError, match=said_of):
        RunConfiguration.model_validate(ASKED | {"teacher": values})
    with pytest.raises(ValidationError, match=r"teacher\.structured"):
        RecycleConfiguration.model_validate({"pairs": {"path": "x"}, "teacher": {"structured": "vllm"}})


def test_the_practice_teacher_keeps_to_the_schema() -> None:
    strategy = strategy_of(teacher(model="practice", structured="json_schema"))
    formed = 0
    for n in range(20):
        first = strategy.first_request(f"Compute {n + 112} + {7 * n + 18} - {n} =", n, "practice", 0, "")
        body = {"model": first.model, "temperature": 0.7, "max_tokens": 2048, "seed": n}
        messages = [message.model_dump() for message in first.messages]
        content = reply(body | {"messages": messages, **json.loads(first.extra_body or "{}")}).body["choices"][0]
        found = json.loads(content["message"]["content"])
        assert list(found) == ["thinking", "output"]
        formed += from_json(content["message"]["content"]) is not None
    assert formed > 10


FLAT = "859 + 467 is 1327.\n\nSo the answer is 1220."


@pytest.mark.parametrize(
    ("replies", "structure", "reflections"),
    [
        ([said(FLAT), said(HOLDS)], Structure.OK, 1),
        ([said(FLAT), said(FLAWED), said("It is 1326.\n\nAnswer: 1219")], Structure.OK, 1),
        ([said(FLAT), said("859 + 467 is 1326, I think."), said("It is 1326.\n\nAnswer: 1219")], Structure.OK, 1),
        ([said("1220"), said(HOLDS)], Structure.OK, 1),
        ([said(FLAT, "length")], Structure.TRUNCATED, 0),
        ([said(FLAT), said("859 +", "length")], Structure.UNCLOSED, 1),
        ([said(FLAT), said(FLAWED), said("It is", "length")], Structure.UNCLOSED, 1),
    ],
)
def test_tags_are_put_around_what_comes_without(replies: Any, structure: Structure, reflections: int) -> None:
    step, asked = play(teacher(strategy="assembled"), replies)
    assert isinstance(step, Answer)
    parsed = parse(step.text)
    assert (Structure.TRUNCATED if len(replies) == 1 else parsed.structure) is structure
    assert len(parsed.reflections) == reflections
    assert not [message for request in asked for message in request.messages if "<thinking>" in message.content]
    assert asked[0].messages[-1] == Message(role="user", content="859 + 467 - 914 + 807?")

"""A stream says what the completion says: piece by piece, choices in turn, as server-sent events."""

import json
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from tasks.practice.behaviour import reply
from tasks.practice.rates import Rates
from tasks.practice.server import DONE, chunks, events
from tests.practice import FLAWLESS

QUESTION = "State the final answer to the following arithmetic problem: 859 + 467 - 914 + 807 ="


def completion(rates: Rates = FLAWLESS, **more: Any) -> dict[str, Any]:
    body = {"model": "practice", "messages": [{"role": "user", "content": QUESTION}], "stream": True}
    return reply({**body, **more}, rates).body


def put_together(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The choices of a stream, as a client adds them up."""
    choices: dict[int, dict[str, Any]] = {}
    for chunk in sent:
        for choice in chunk["choices"]:
            message = choices.setdefault(choice["index"], {"index": choice["index"], "logprobs": None, "message": {}})
            for name, text in choice["delta"].items():
                message["message"][name] = message["message"].get(name, "") + text
            message["finish_reason"] = choice["finish_reason"]
    return list(choices.values())


@pytest.mark.parametrize(
    ("rates", "more"),
    [
        (FLAWLESS, {}),
        (FLAWLESS, {"n": 3}),
        (FLAWLESS, {"stop": "</thinking>"}),
        (FLAWLESS, {"max_tokens": 9}),
        (replace(FLAWLESS, field=1.0), {"n": 2}),
        (replace(FLAWLESS, attack=1.0), {"n": 20}),
    ],
)
def test_the_pieces_add_up_to_the_completion(rates: Rates, more: dict[str, Any]) -> None:
    whole = completion(rates, **more)
    sent = list(chunks(whole, include_usage=False))
    assert put_together(sent) == whole["choices"]
    assert put_together(sent[:-1]) != whole["choices"]  # control
    assert all(chunk["id"] == whole["id"] and "usage" not in chunk for chunk in sent)
    assert len(sent) > 3 * len(whole["choices"])


def test_choices_take_turns() -> None:
    order = [chunk["choices"][0]["index"] for chunk in chunks(completion(n=2), include_usage=False)]
    assert len(list(groupby(order))) > 20


def test_the_usage_comes_last_and_only_if_asked_for() -> None:
    whole = completion()
    *sent, last = chunks(whole, include_usage=True)
    assert {chunk["usage"] for chunk in sent} == {None}
    assert (last["choices"], last["usage"]) == ([], whole["usage"])


def test_events_are_json_lines_and_an_end() -> None:
    whole = completion(replace(FLAWLESS, attack=1.0), n=10)  # line breaks, NUL and lone surrogates too
    *sent, last = events(whole, include_usage=False)
    assert last == DONE
    for event in sent:
        assert event.startswith(b"data: ")
        assert event.endswith(b"\n\n")
        assert b"\n" not in event[:-2]
        assert json.loads(event[6:])["object"] == "chat.completion.chunk"

"""The practice teacher keeps to the protocol: limits, stops, usage, and errors that say what is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from schemas.trace import Structure
from tasks.http.chat_request import RequestError
from tasks.practice.behaviour import Reply, reply
from tasks.practice.protocol import WINDOW, count_tokens, cut
from tasks.practice.rates import MILD, Rates
from tests.practice import FLAWLESS

QUESTIONS = (
    "State the final answer to the following arithmetic problem: 859 + 467 - 914 + 807 =",
    'How many times does the letter "h" appear in the text: "hundred thousand names and then Mr Fritz"?',
    "Find the Greatest Common Divisor (GCD) of these numbers: 294, 1218, 56.",
)


def request(question: str, seed: int = 0, **more: Any) -> dict[str, Any]:
    return {"model": "practice", "messages": [{"role": "user", "content": question}], "seed": seed, **more}


def replies(rates: Rates = MILD, **more: Any) -> Iterator[Reply]:
    """Three dozen."""
    return (reply(request(question, seed, **more), rates) for seed in range(12) for question in QUESTIONS)


@pytest.mark.parametrize("limit", [1, 7, 30])
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_limit_cuts_at_a_token(name: str, limit: int) -> None:
    for made in replies(FLAWLESS, **{name: limit}):
        (choice,) = made.body["choices"]
        assert choice["finish_reason"] == "length"
        assert made.body["usage"]["completion_tokens"] == limit == count_tokens(choice["message"]["content"])
        assert made.decisions[0].malform is Structure.TRUNCATED


def test_thinking_uses_up_the_limit_first() -> None:
    for made in replies(replace(FLAWLESS, field=1.0), max_tokens=12):
        message = made.body["choices"][0]["message"]
        assert message["content"] == ""
        assert made.body["usage"]["completion_tokens_details"] == {"reasoning_tokens": 12}
        assert count_tokens(message["reasoning_content"]) == 12


def test_what_never_ends_runs_into_the_limit_or_the_window() -> None:
    for limit, tokens in ((300, 300), (None, WINDOW)):
        made = next(replies(replace(FLAWLESS, ramble=1.0), max_tokens=limit))
        assert made.body["choices"][0]["finish_reason"] == "length"
        assert made.body["usage"]["completion_tokens"] == tokens


def test_stop_cuts_before_its_text() -> None:
    whole = reply(request(QUESTIONS[0]), FLAWLESS).body["choices"][0]["message"]["content"]
    for stop in ("</thinking>", ["<output>", "</thinking>"]):
        (choice,) = reply(request(QUESTIONS[0], stop=stop), FLAWLESS).body["choices"]
        assert choice["message"]["content"] == whole[: whole.index("</thinking>")]
        assert choice["finish_reason"] == "stop"


def test_usage_adds_up() -> None:
    for made in replies(n=2):
        usage = made.body["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        texts = [
            choice["message"]["content"] + " " + choice["message"].get("reasoning_content", "")
            for choice in made.body["choices"]
        ]
        assert usage["completion_tokens"] == sum(map(count_tokens, texts))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), (" \n", 0), ("one", 1), ("seventh", 2), ("a-b", 3), ("3 + 4 = 7.", 6), ("naïve ✓", 2)],
)
def test_tokens_are_pieces(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens
    assert cut(text, tokens) == (text, tokens, False)
    if tokens:
        assert cut(text, tokens - 1)[1:] == (tokens - 1, True)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ([], 400, "JSON object"),
        ({}, 404, "does not exist"),
        ({"model": ["practice"], "messages": []}, 404, "does not exist"),
        ({"model": "gpt-7"}, 404, "practice"),
        ({"model": "practice"}, 400, "messages"),
        ({"model": "practice", "messages": []}, 400, "messages"),
        ({"model": "practice", "messages": ["hello"]}, 400, "messages[0]"),
        ({"model": "practice", "messages": [{"role": "user", "content": 7}]}, 400, "messages[0].content"),
        (request("", temperature=2.5), 400, "temperature"),
        (request("", temperature=float("nan")), 400, "temperature"),
        (request("", top_p="high"), 400, "top_p"),
        (request("", max_tokens=0), 400, "max_tokens"),
        (request("", max_completion_tokens=1.5), 400, "max_completion_tokens"),
        (request("", seed=True), 400, "seed"),
        (request("", n=129), 400, "from 1 to 128"),
        (request("", stop=7), 400, "stop"),
        (request("", stop=[""]), 400, "stop"),
        (request("", stop=list("abcde")), 400, "at most four"),
        (request("", stream="yes"), 400, "stream"),
        (request("", stream_options={"include_usage": True}), 400, "stream to be true"),
        (request("", stream=True, stream_options=[]), 400, "stream_options"),
        (request("", stream=True, stream_options={"include_usage": 1}), 400, "stream_options.include_usage"),
    ],
)
def test_a_wrong_request_is_told_why(body: Any, status: int, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        reply(body)
    assert caught.value.status == status
    assert says in str(caught.value)

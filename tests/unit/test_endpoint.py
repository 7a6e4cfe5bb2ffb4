"""The OpenAI protocol: identities of endpoints, bodies of requests, what a completion says and costs."""

import json
import pickle
from typing import Any

import pytest

from schemas.call import Message, Request, Sampling, Usage
from schemas.errors import Refused
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.completion import Completion, NotACompletionError, read_completion
from tasks.asking.endpoint import (
    as_stream,
    cost_usd,
    endpoint_identity,
    request_body,
    request_bytes,
    worst_case,
)


@pytest.mark.parametrize(
    ("base_url", "identity"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("HTTPS://API.OpenAI.com:443/v1/", "https://api.openai.com/v1"),
        (" http://localhost:80/v1// ", "http://localhost/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("https://host:80", "https://host:80"),
        ("http://[::1]:8000/V1", "http://[::1]:8000/V1"),
        ("https://host/Path%20A/v1", "https://host/Path%20A/v1"),
    ],
)
def test_one_endpoint_has_one_spelling(base_url: str, identity: str) -> None:
    assert endpoint_identity(base_url) == identity
    assert endpoint_identity(identity) == identity


@pytest.mark.parametrize(
    "base_url",
    [
        "https://user:sk-secret@host/v1",
        "https://host/v1?api_key=sk-secret",
        "https://host/v1#sk-secret",
        "ftp://host/v1",
        "https:///v1",
        "host/v1",
        "http://host:port/v1",
        "http://host:99999/v1",
        "http://[::1/v1",
    ],
)
def test_what_is_no_endpoint_is_refused_without_repeating_a_secret(base_url: str) -> None:
    with pytest.raises(Refused, match=r"teacher\.base_url") as refused:
        endpoint_identity(base_url)
    assert "secret" not in str(refused.value)


def ask(endpoint: str, **sampling: Any) -> Request:
    unset: dict[str, Any] = dict.fromkeys(Sampling.model_fields)
    return Request(
        endpoint=endpoint,
        model="m",
        messages=(Message(role="user", content="2+2?"),),
        sampling=Sampling(**(unset | sampling)),
        sample_index=3,
        fresh="name",
    )


@pytest.mark.parametrize(
    ("endpoint", "sampling", "sent"),
    [
        ("http://host/v1", {}, {}),
        ("http://host/v1", {"temperature": 0.0, "seed": 0}, {"temperature": 0.0, "seed": 0}),
        ("http://host/v1", {"max_tokens": 5}, {"max_tokens": 5}),
        ("https://api.openai.com/v1", {"max_tokens": 5}, {"max_completion_tokens": 5}),
        ("https://mine.openai.azure.com/openai/v1", {"max_tokens": 5}, {"max_completion_tokens": 5}),
        ("https://api.openai.com/v1", {}, {}),
        ("https://openai.com.example.org/v1", {"max_tokens": 5}, {"max_tokens": 5}),
        ("https://notopenai.com/v1", {"max_tokens": 5}, {"max_tokens": 5}),
        ("practice/1/mild", {"max_tokens": 5}, {"max_tokens": 5}),
    ],
)
def test_a_body_says_what_the_request_says(endpoint: str, sampling: dict[str, Any], sent: dict[str, Any]) -> None:
    """A value of 0 is a value; sample index and `--fresh` are ours alone."""
    body = request_body(ask(endpoint, **sampling))
    assert body == {"model": "m", "messages": [{"role": "user", "content": "2+2?"}]} | sent


def test_an_extra_body_is_sent_as_it_is() -> None:
    extra = {"stop": ["\n\n"], "chat_template_kwargs": {"enable_thinking": False}, "logit_bias": None}
    body = request_body(ask("http://host/v1").model_copy(update={"extra_body": json.dumps(extra)}))
    assert body == {"model": "m", "messages": [{"role": "user", "content": "2+2?"}]} | extra


def test_a_key_is_found_once_and_never_outlives_a_change() -> None:
    asked = Request(
        endpoint="e",
        model="m",
        messages=(Message(role="user", content="?"),),
        sampling=Sampling(temperature=None, top_p=None, max_tokens=8, seed=None),
        sample_index=0,
        fresh="",
    )
    fresh, key = Request(**asked.model_dump()), asked.call_id
    changed = asked.model_copy(update={"sample_index": 1})
    assert changed.call_id == Request(**changed.model_dump()).call_id != key
    assert pickle.loads(pickle.dumps(asked)).call_id == asked.model_copy().call_id == fresh.call_id == key
    assert asked == fresh
    assert hash(asked) == hash(fresh)
    assert "call_id" not in asked.model_dump()


def test_a_bound_in_the_extra_body_bounds_what_a_call_may_cost() -> None:
    bounded = ask("e").model_copy(update={"extra_body": '{"max_completion_tokens": 50}'})
    assert worst_case(bounded, Settings(), b"x" * 10) == worst_case(ask("e", max_tokens=50), Settings(), b"x" * 10)
    assert worst_case(ask("e"), Settings(), b"x").tokens is None


def completion(message: object, **more: object) -> dict[str, object]:
    return {"choices": [{"message": message, "finish_reason": "stop"}]} | more


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (completion({"content": "4"}), Completion(content="4", finish_reason="stop")),
        (completion({"content": ""}), Completion(content="", finish_reason="stop")),
        (completion({"content": None, "refusal": "no"}), Completion(refusal="no", finish_reason="stop")),
        (completion({"content": "4"}, model="n"), Completion(content="4", finish_reason="stop", model="n")),
        (completion({"content": "4"}, model=7), Completion(content="4", finish_reason="stop")),
        (completion({"content": "a\x00b"}), Completion(content="a\ufffdb", finish_reason="stop")),
        ({"choices": [{"message": {"content": "4"}, "finish_reason": {}}]}, Completion(content="4")),
        (
            completion({"content": "4", "reasoning_content": "", "reasoning": "2+2"}),
            Completion(content="4", reasoning="2+2", finish_reason="stop"),
        ),
        (
            completion({"content": "4", "reasoning": "\n", "reasoning_details": [{"text": "2+2"}]}),
            Completion(content="4", reasoning="2+2", finish_reason="stop"),
        ),
        (
            completion({"content": "<reasoning>2</reasoning><reasoning>+2</reasoning>4"}),  # Bedrock
            Completion(content="4", reasoning="2+2", finish_reason="stop"),
        ),
        (
            completion({"content": "<reasoning>4", "reasoning": "2+2"}),  # a model may write it
            Completion(content="<reasoning>4", reasoning="2+2", finish_reason="stop"),
        ),
        (
            completion({"content": [{"type": "refusal", "refusal": "no"}]}),
            Completion(content="", refusal="no", finish_reason="stop"),
        ),
        (
            completion({"content": "4", "reasoning": ["2+2"]}),
            Completion(content="4", finish_reason="stop"),
        ),
    ],
)
def test_what_a_completion_says(body: object, expected: Completion) -> None:
    assert read_completion(body) == expected


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        ({}, "choices is missing"),
        ([], "choices is missing"),
        ({"choices": []}, "choices is empty"),
        ({"choices": {"0": "x"}}, "choices is dict"),
        ({"choices": ["4"]}, r"choices\[0\]\.message is missing"),
        ({"choices": [{"text": "4"}]}, r"choices\[0\]\.message is missing"),
        ({"choices": [{"message": "4"}]}, r"choices\[0\]\.message is str"),
        (completion({"content": [{"type": "image_url"}]}), r"content is a list without text, of image_url"),
        (completion({"content": 4}), r"content is int"),
    ],
)
def test_what_is_no_completion(body: object, lacks: str) -> None:
    with pytest.raises(NotACompletionError, match=lacks):
        read_completion(body)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, Usage()),
        ("many", Usage()),
        ({"prompt_tokens": 5, "completion_tokens": 0}, Usage(prompt_tokens=5)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, Usage()),
        ({"prompt_tokens": 0, "completion_tokens": 3}, Usage(completion_tokens=3)),
        ({"prompt_tokens": -1, "completion_tokens": True}, Usage()),
        ({"prompt_tokens": 10**30, "completion_tokens": "7"}, Usage()),
        ({"prompt_tokens_details": {"cached_tokens": 3}, "prompt_cache_hit_tokens": 4}, Usage(cached_tokens=3)),
        ({"prompt_cache_hit_tokens": 4}, Usage(cached_tokens=4)),
        ({"cached_tokens": 4}, Usage(cached_tokens=4)),  # Moonshot, Together
        ({"prompt_tokens_details": {"cached_tokens": None}, "cached_tokens": 4}, Usage(cached_tokens=4)),
        ({"prompt_tokens_details": {"cached_tokens": 0}, "cached_tokens": 4}, Usage(cached_tokens=0)),
        ({"completion_tokens_details": {"reasoning_tokens": 9}}, Usage(reasoning_tokens=9)),
        ({"prompt_tokens_details": None, "completion_tokens_details": 3}, Usage()),
        ({"reasoning_tokens": 9}, Usage(reasoning_tokens=9)),  # SGLang
        (
            {"reasoning_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 9}, "completion_tokens": 9},
            Usage(reasoning_tokens=9, completion_tokens=9),
        ),
        ({"completion_tokens": 3, "reasoning_tokens": 9}, Usage(completion_tokens=12, reasoning_tokens=9)),
        (
            {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 20},
            Usage(prompt_tokens=5, completion_tokens=15),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 5}, Usage(prompt_tokens=5, completion_tokens=3)),
        ({"completion_tokens": 3, "total_tokens": 20}, Usage(completion_tokens=3)),
    ],
)
def test_usage_is_counts_or_none(usage: object, expected: Usage) -> None:
    """Counts that no column can hold were a failure of the whole batch; a 0 beside a text made a call free."""
    assert read_completion(completion({"content": "4"}, usage=usage)).usage == expected


def test_usage_may_stand_in_the_choice() -> None:
    """As in the last piece of a stream of Moonshot's."""
    counts = {"prompt_tokens": 5, "completion_tokens": 3}
    body = {"choices": [{"message": {"content": "4"}, "usage": counts}]}
    assert read_completion(body).usage == Usage(**counts)
    assert read_completion(body | {"usage": {"prompt_tokens": 7}}).usage == Usage(prompt_tokens=7)
    assert read_completion(completion({"content": "4"}, x_groq={"usage": counts})).usage == Usage(**counts)


def test_an_answer_without_text_may_have_cost_no_token() -> None:
    said = read_completion(completion({"content": ""}, usage={"prompt_tokens": 5, "completion_tokens": 0}))
    assert said.usage == Usage(prompt_tokens=5, completion_tokens=0)


PRICED = {"usd_per_million_input": 2.0, "usd_per_million_output": 8.0}


@pytest.mark.parametrize(
    ("endpoint", "prices", "usage", "usd"),
    [
        ("e", PRICED, Usage(prompt_tokens=1000, completion_tokens=500), 0.006),
        ("e", PRICED, Usage(prompt_tokens=1000, completion_tokens=500, cached_tokens=400), 0.006),
        (
            "e",
            PRICED | {"usd_per_million_cached_input": 0.0},
            Usage(prompt_tokens=1000, completion_tokens=500, cached_tokens=400),
            0.0052,
        ),
        (
            "e",
            PRICED | {"usd_per_million_cached_input": 1.0},
            Usage(prompt_tokens=10, completion_tokens=0, cached_tokens=99),
            0.00001,
        ),
        ("e", PRICED, Usage(prompt_tokens=1000), None),
        ("e", PRICED, Usage(completion_tokens=1000), None),
        ("e", {}, Usage(prompt_tokens=1, completion_tokens=1), None),
        ("e", {"usd_per_million_input": 2.0}, Usage(prompt_tokens=1, completion_tokens=1), None),
        ("practice/1", {}, Usage(), 0.0),
        ("student/1f2e", {}, Usage(), 0.0),
        ("e", {"usd_per_million_output": 8.0}, Usage(prompt_tokens=1, completion_tokens=1), None),
        ("practice/1", PRICED, Usage(prompt_tokens=1000, completion_tokens=500), 0.006),
    ],
)
def test_cost(endpoint: str, prices: dict[str, float], usage: Usage, usd: float | None) -> None:
    assert cost_usd(endpoint, usage, Settings(**prices)) == (usd if usd is None else pytest.approx(usd))


@pytest.mark.parametrize(
    ("text", "extra_body", "longest"),
    [
        ("What is 1 + 1?", None, 120),
        ("1 + 1 は何ですか", None, 125),  # three bytes a sign, as a tokenizer sees it, not the six of an escape
        ("a lone \ud800 surrogate", None, 140),
        ("1?", '{"seed": 1180591620717411303424}', 140),
    ],
)
def test_a_body_says_what_is_asked_and_is_no_shorter_than_its_texts(
    text: str, extra_body: str | None, longest: int
) -> None:
    request = ask("http://127.0.0.1/v1", max_tokens=8).model_copy(
        update={"messages": (Message(role="user", content=text),), "extra_body": extra_body}
    )
    body = request_bytes(request)
    assert json.loads(body) == request_body(request)
    assert len(text.encode(errors="surrogatepass")) < len(body) <= longest
    assert json.loads(as_stream(body)) == request_body(request) | {
        "stream": True,
        "stream_options": {"include_usage": True},
    }

"""What an endpoint tells of itself, and which keys it takes: stubs that answer as providers and engines do."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from flows.cli.doctor import Doubtful, examine_teacher
from schemas.call import Outcome, Request
from schemas.teacher import TeacherSettings
from tasks.asking.endpoint import TeacherAddress, request_body
from tasks.asking.survey import survey, try_keys
from tests.scripted import REFUSED, call, said

VLLM_SCHEMA = {"components": {"schemas": {"ChatCompletionRequest": {"properties": {"stream": {}, "logprobs": {}}}}}}
NOT_TOLD = ["streaming: not told", "logprobs: not told", "reasoning field: not told"]
ENDPOINTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "openai": (
        {"/v1/models": {"object": "list", "data": [{"id": "m", "object": "model"}]}, "/v1/batches": {"data": []}},
        ["models: m; among them", "window: not told; slots: not told", "batch API: yes", *NOT_TOLD],
    ),
    "vllm-0.32": (
        {
            "/v1/models": {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 2049}]},
            "/openapi.json": VLLM_SCHEMA,
        },
        [
            "models: m; among them",
            "window: 2049 tokens; slots: not told",
            "batch API: no",
            "streaming: yes",
            "logprobs: yes",
            "reasoning field: no",
        ],
    ),
    "llama.cpp-2026.10": (
        {
            "/v1/models": {"data": [{"id": "/x.gguf", "owned_by": "llamacpp", "meta": {"n_ctx": 4096}}]},
            "/props": {"total_slots": 4},
        },
        [
            "models: /x.gguf; m is not among them",
            "window: 4096 tokens; slots: 4",
            "batch API: no",
            *NOT_TOLD,
        ],
    ),
    "openrouter": (
        {
            "/v1/models": {
                "data": [
                    *({"id": f"other/{n}"} for n in range(5)),
                    {"id": "m", "context_length": 32768, "supported_parameters": ["include_reasoning", "seed"]},
                ]
            }
        },
        [
            "models: other/0, other/1, other/2, other/3, other/4 and 1 more; among them",
            "window: 32768 tokens; slots: not told",
            "batch API: no",
            "streaming: not told",
            "logprobs: no",
            "reasoning field: yes",
        ],
    ),
    "a gateway without a list": (
        {},
        ["models: not told", "window: not told; slots: not told", "batch API: no", *NOT_TOLD],
    ),
    "odd shapes": (
        {"/v1/models": {"data": [3, {"id": "m", "max_model_len": "many", "meta": [], "supported_parameters": {}}]}},
        ["models: m; among them", "window: not told; slots: not told", "batch API: no", *NOT_TOLD],
    ),
}


@contextmanager
def serving(pages: Mapping[str, Any]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(pages.get(self.path, {"error": {"message": "no such path"}})).encode()
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)  # no do_POST: one would be a 501
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_an_endpoint_tells_by_get(name: str) -> None:
    pages, lines = ENDPOINTS[name]
    with serving(pages) as url:
        settings = TeacherSettings(base_url=url, model="m")
        assert list(asyncio.run(survey(settings, TeacherAddress(url))).lines("m")) == lines


def test_the_doctor_warns_of_a_model_that_the_endpoint_does_not_list() -> None:
    with serving(ENDPOINTS["openai"][0]) as url:
        assert examine_teacher(TeacherSettings(base_url=url, model="m")).startswith(f"{url} answers\nmodels: m; among")
        with pytest.raises(Doubtful, match="gpt is not among them"):
            examine_teacher(TeacherSettings(base_url=url, model="gpt"))
        with pytest.raises(Doubtful, match=r"did you mean http.*/v1\?"):
            examine_teacher(TeacherSettings(base_url=url.removesuffix("/v1"), model="m"))


Refuses = Callable[[Mapping[str, Any]], bool]
EVERY = ["max_tokens", "stream", "temperature", "top_p", "seed", "logprobs", "reasoning_effort"]
PROVIDERS: dict[str, tuple[Refuses, list[str], list[str]]] = {
    "takes all": (lambda body: False, EVERY, []),
    "anthropic: top_p beside temperature": (lambda body: {"temperature", "top_p"} <= body.keys(), EVERY, ["top_p"]),
    "google: seed": (lambda body: "seed" in body, EVERY, ["seed"]),
    "a reasoning model behind a gateway": (
        lambda body: not {"max_tokens", "temperature", "top_p", "logprobs"}.isdisjoint(body),
        ["max_tokens", "max_completion_tokens", *EVERY[1:]],
        ["max_tokens", "temperature", "top_p", "logprobs"],
    ),
    "nothing bounds its answers": (
        lambda body: not {"max_tokens", "max_completion_tokens"}.isdisjoint(body),
        ["max_tokens", "max_completion_tokens"],
        ["max_tokens", "max_completion_tokens"],
    ),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_key_is_one_call_of_one_token_beside_what_was_taken(name: str) -> None:
    refuses, keys, refused = PROVIDERS[name]
    sent: list[Request] = []

    def ask(request: Request, as_stream: bool) -> Outcome:
        sent.append(request)
        body = request_body(request)
        assert 1 in (body.get("max_tokens"), body.get("max_completion_tokens"))
        answer = call(request, REFUSED if refuses(body) else said("Yes"))
        return Outcome(call_id=request.call_id, call=answer, pending=None)

    settings = TeacherSettings(base_url="http://h/v1", extra_body={"reasoning_effort": "low"})
    tried = list(try_keys(settings, "http://h/v1", "doctor", ask))
    assert [each.key for each in tried] == keys
    assert [each.key for each in tried if not each.taken] == refused
    assert len({request.call_id for request in sent}) == len(sent) == len(keys)


def test_an_answer_that_does_not_come_is_no_yes() -> None:
    def ask(request: Request, as_stream: bool) -> Outcome:
        if as_stream:
            return Outcome(call_id=request.call_id, call=None, pending="no_stream: HTTP 400: stream is not supported")
        raw = b'{"choices": [{"message": {"content": "Yes", "reasoning": null}, "logprobs": null}]}'
        return Outcome(call_id=request.call_id, call=call(request, said("Yes", raw_response=raw)), pending=None)

    tried = {each.key: each for each in try_keys(TeacherSettings(base_url="http://h/v1"), "e", "doctor", ask)}
    assert tried["max_tokens"].said == "taken; reasoning comes in the field reasoning"
    assert tried["logprobs"].said == "ignored: the answer has none"
    assert not tried["stream"].taken
    assert tried["stream"].said == "no answer (no_stream: HTTP 400: stream is not supported)"

"""The files of a batch: what a line says of its call, in the words of the live path."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from schemas.call import Message, Request, Sampling
from tasks.asking.batch_lines import chat_path, input_line, longest_line, read_line, split_lines
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.endpoint import request_body

ANSWER = {"choices": [{"message": {"content": "4"}}]}


def line(response: object = None, error: object = None, **more: object) -> bytes:
    return json.dumps({"id": "r", "custom_id": "c", "response": response, "error": error} | more).encode()


def reply(status: object, body: object) -> dict[str, object]:
    return {"status_code": status, "request_id": "q", "body": body}


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        (line(reply(200, ANSWER)), CallOutcome.ANSWERED),
        (line(reply(200, {"choices": []})), CallOutcome.NOT_A_COMPLETION),
        (line(reply(200, {"error": {"code": 429}})), CallOutcome.RATE_LIMITED),
        (line(reply(200, "text")), CallOutcome.NOT_JSON),
        (line(reply(400, {"error": {"message": "context length"}})), CallOutcome.REFUSED),
        (line(reply(401, {})), CallOutcome.DENIED),
        (line(reply(404, {})), CallOutcome.NOT_FOUND),
        (line(reply(429, {"error": {"code": "insufficient_quota"}})), CallOutcome.NO_CREDIT),
        (line(reply(429, None)), CallOutcome.RATE_LIMITED),
        (line(reply(500, {})), CallOutcome.SERVER_ERROR),
        # vLLM's: no body, and the error beside the response
        (line(reply(400, None), {"message": "context length", "type": "BadRequestError"}), CallOutcome.REFUSED),
        (line({"status_code": 400}, {"message": "context length"}), CallOutcome.REFUSED),
        (line({"status_code": 503}, "overloaded"), CallOutcome.SERVER_ERROR),
        (line(reply(400, None), {"code": "insufficient_quota"}), CallOutcome.NO_CREDIT),
        (line(reply(200, None), {"code": "batch_expired", "message": "m"}), CallOutcome.NOT_RUN),
        (line(reply(504, {})), CallOutcome.GATEWAY_TIMEOUT),
        (line(error={"code": "batch_expired", "message": "too late"}), CallOutcome.NOT_RUN),
        (line(error={"code": "batch_cancelled", "message": "m"}), CallOutcome.NOT_RUN),
        (line(error={"code": "model_not_found", "message": "m"}), CallOutcome.NOT_FOUND),
        (line(error={"code": "odd", "message": "m"}), CallOutcome.ERROR_OBJECT),
        (line(error={"code": 503, "message": "m"}), CallOutcome.SERVER_ERROR),
        (line(error="oops"), CallOutcome.ERROR_OBJECT),
        (line(), CallOutcome.ERROR_OBJECT),
        (line(reply("200", ANSWER)), CallOutcome.ANSWERED),
        (line(reply(None, ANSWER)), CallOutcome.ANSWERED),
        (line({"body": ANSWER}), CallOutcome.ANSWERED),
        (line({"body": {"error": {"message": "m"}}}), CallOutcome.ERROR_OBJECT),
        (line(reply("429", {"error": {"code": 429}})), CallOutcome.RATE_LIMITED),
        (line({"status_code": 200}), CallOutcome.ERROR_OBJECT),
        (line([]), CallOutcome.ERROR_OBJECT),
        (b'{"custom_id": "c"}', CallOutcome.ERROR_OBJECT),
        (b" " + line(reply(200, ANSWER)) + b"\r", CallOutcome.ANSWERED),
        (line(reply(200, ANSWER | {"more": "x" * 2000})), CallOutcome.TOO_LONG),
        (line(reply(200, ANSWER)).ljust(100_000, b"x"), CallOutcome.TOO_LONG),
    ],
)
def test_a_line_ends_its_call_as_a_reply_would(written: bytes, outcome: CallOutcome) -> None:
    read = read_line(written, 1000)
    assert read
    assert (read.call_id, read.ended.outcome) == ("c", outcome)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\xff",
        b"not JSON",
        b"7",
        b"[]",
        b"{}",
        b'{"custom_id": null}',
        b'{"custom_id": ["c"]}',
        line(reply(200, ANSWER))[:-1],
        line(reply(200, ANSWER)) * 2,
        b'{"custom_id": "c", "response": {"status_code": 200, "body": {"choices": [}}}',
        b"{" * 90_000,
        b"[" * 60_000,
        b"x" * 100_000,
    ],
)
def test_a_line_that_is_none_is_nobodys(written: bytes) -> None:
    assert read_line(written, 1000) is None


@pytest.mark.parametrize(
    "body",
    [
        '{"choices":[{"message":{"content":"4"}}],"n":1.50,"n":1e3}',
        '{ "choices" : [ {"message" : { "content" : "\\u0034 \\ud800" } } ] , "x":{"custom_id":"other","body":{}} }',
    ],
)
def test_a_body_is_kept_byte_for_byte(body: str) -> None:
    """Written anew from what JSON means, it would lose spaces, escapes, doubled names and the form of numbers."""
    assert json.dumps(json.loads(body)) != body
    head = '{"response" : {"body" :'
    read = read_line(f'{head} {body} , "status_code": 200}}, "custom_id": "c", "error":null}}'.encode(), 1000)
    assert read
    assert read.ended.body == body.encode()


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    body = b'{"choices": [{"message": {"content": "caf\xff"}}]}'
    read = read_line(b'{"custom_id": "c", "response": {"status_code": 200, "body": ' + body + b"}}", 1000)
    assert read
    assert read.ended.body == body


def test_a_request_is_a_line_with_the_body_of_a_call() -> None:
    sampling = Sampling(temperature=0.5, top_p=None, max_tokens=7, seed=None)
    messages = (Message(role="user", content="2\n+ 2?\u2028"),)
    request = Request(endpoint="e", model="m", messages=messages, sampling=sampling, sample_index=0, fresh="")
    written = input_line("c", request)
    assert written.count(b"\n") == 1
    assert json.loads(written) == {
        "custom_id": "c",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": request_body(request),
    }


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://api.openai.com/v1", "/v1/chat/completions"),
        ("https://api.groq.com/openai/v1", "/v1/chat/completions"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "/v1/chat/completions"),
        ("https://api.deepinfra.com/v1/openai", "/v1/chat/completions"),
        ("https://open.bigmodel.cn/api/paas/v4", "/v4/chat/completions"),
        ("https://open.bigmodel.cn/api/paas/v4/", "/v4/chat/completions"),
        ("practice", "/v1/chat/completions"),
    ],
)
def test_the_path_has_the_version_of_the_endpoint(base_url: str, path: str) -> None:
    """Zhipu takes no batch of `/v1/chat/completions`."""
    assert chat_path(base_url) == path


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_of_a_stream(size: int) -> None:
    whole = b"one\n\ntwo\r\n" + b"x" * 50 + b"\nlast"

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), size):
            yield whole[at : at + size]

    async def lines() -> list[bytes]:
        return [one async for one in split_lines(chunks(), 10)]

    assert asyncio.run(lines()) == [b"one", b"", b"two\r", b"x" * 11, b"last"]
    assert longest_line(1000) > 1000

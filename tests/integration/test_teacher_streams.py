"""A teacher that has answers streamed, and one that waits for a server that is away."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from schemas.call import CallEnd, Outcome
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.teacher import Teacher
from tasks.practice.faults import Fault, Work, error, says
from tasks.practice.server import events
from tests.integration.hostile import TRIES, Hostile, ask, completion, on_loopback, teacher
from warehouse.journal import Journal

SILENCE_S = 0.4


def streams(pauses: int = 0, pause_s: float = 0.0, then: str = "end") -> Fault:
    """An answer in words, with pauses; `then`: end, hang or reset before its last word."""

    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        body = await request.json()
        made = completion(f"answer to {body['messages'][-1]['content']}") | {"id": "c", "created": 0}
        if not body.get("stream"):
            return web.json_response(made)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        pieces = list(events(made, include_usage=True))
        for n, piece in enumerate(pieces if then == "end" else pieces[:3]):
            await asyncio.sleep(pause_s if n < pauses else 0)
            await response.write(piece)
        if then == "hang":
            await asyncio.sleep(60)
        if then == "reset" and request.transport:
            request.transport.abort()
        return response

    return fault


def refuses_to_stream(status: int, message: str) -> Fault:
    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        asked = (await request.json()).get("stream")
        return await says(status, error(message))(request, work) if asked else web.json_response(await work())

    return fault


FAULTS: dict[str, Fault] = {
    "streamed": streams(),
    "streamed-slowly": streams(pauses=4, pause_s=0.75 * SILENCE_S),
    "falls-silent": streams(then="hang"),
    "reset": streams(then="reset"),
}


async def answered(asked: Teacher, *prompts: str) -> list[Outcome]:
    try:
        return await asked.answer([ask(prompt) for prompt in prompts])
    finally:
        await asked.close()


def outcomes_of(
    folder: Path, *prompts: str, faults: dict[str, Fault] = FAULTS, **changed: Any
) -> tuple[list[Outcome], Hostile]:
    async def scenario(server: Hostile) -> tuple[list[Outcome], Hostile]:
        server.faults = faults
        settings = {"stream": True, "timeout_s": SILENCE_S} | changed
        return await answered(teacher(server, folder, **settings), *prompts), server

    return on_loopback(scenario)


@pytest.mark.parametrize("name", ["streamed", "streamed-slowly", "at once"])
def test_an_answer_is_the_same_in_pieces_and_in_one(tmp_path: Path, name: str) -> None:
    [outcome], server = outcomes_of(tmp_path, name)
    assert outcome.call
    assert (outcome.call.content, outcome.call.finish_reason) == (f"answer to {name}", "stop")
    assert outcome.call.usage.completion_tokens == 100
    assert json.loads(outcome.call.raw_response)["choices"][0]["message"]["content"] == f"answer to {name}"
    assert server.bodies[0]["stream_options"] == {"include_usage": True}


def test_it_would_have_been_late_in_one_piece(tmp_path: Path) -> None:
    """The control: as long in all, and nothing to be seen of it before."""

    async def late(request: web.Request, work: Work) -> web.StreamResponse:
        await asyncio.sleep(3 * SILENCE_S)
        return web.json_response(await work())

    [outcome], _ = outcomes_of(tmp_path, "late", faults={"late": late})
    assert (outcome.pending or "").startswith(CallOutcome.DEADLINE)


@pytest.mark.parametrize("name", ["falls-silent", "reset"])
def test_what_came_before_a_cut_is_kept_once_it_is_not_sent_again(tmp_path: Path, name: str) -> None:
    [outcome], server = outcomes_of(tmp_path, f"a {name}")
    assert server.sent.total() == TRIES
    assert outcome.call
    assert (outcome.call.ended, outcome.call.finish_reason) == (CallEnd.ANSWERED, "cut")
    assert "answer to".startswith((outcome.call.content or "").strip())
    assert outcome.call.content
    assert (outcome.call.error or "").startswith((CallOutcome.DEADLINE, CallOutcome.CUT))


def test_what_was_counted_before_a_cut_is_not_all_that_it_may_cost(tmp_path: Path) -> None:
    """xAI counts in every event: a budget was charged with what the first ones said."""

    async def counts(request: web.Request, work: Work) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        event = {"choices": [{"index": 0, "delta": {"content": "a"}}]}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        await response.write(f"data: {json.dumps(event | {'usage': usage})}\n\n".encode())
        assert request.transport
        request.transport.abort()
        return response

    [outcome], _ = outcomes_of(tmp_path, "counts", faults={"counts": counts})
    assert outcome.call
    assert outcome.call.usage.completion_tokens == 1
    journal = Journal(tmp_path / "journal" / "calls.sqlite")
    n, charge = journal.unresolved()
    journal.close()
    assert n == TRIES
    assert (charge.tokens or 0) > 64 * TRIES


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Your organization must be verified to stream this model."),
        (422, "body.stream_options: Extra inputs are not permitted"),
        (400, "Unsupported value: 'stream' does not support true with this model."),
    ],
)
def test_an_endpoint_that_refuses_to_stream_is_asked_for_one_piece(tmp_path: Path, status: int, message: str) -> None:
    faults = {"refuses": refuses_to_stream(status, message)}
    outcomes, server = outcomes_of(tmp_path, "1 refuses", "2 refuses", faults=faults, tries=1)
    assert [outcome.call.content for outcome in outcomes if outcome.call] == [
        "answer to 1 refuses",
        "answer to 2 refuses",
    ]
    assert server.sent.total() <= 4


@pytest.mark.parametrize("stream", [True, False])
def test_an_endpoint_that_only_streams_is_asked_to(tmp_path: Path, stream: bool) -> None:
    """DashScope has models that do, and says so with a 400; one that refuses both ways has refused the call."""

    async def only_streams(request: web.Request, work: Work) -> web.StreamResponse:
        if (await request.json()).get("stream"):
            return await FAULTS["streamed"](request, work)
        message = "This model only support stream mode, please enable the stream parameter to access the model."
        return await says(400, error(message))(request, work)

    faults = {"only": only_streams, "neither": says(400, error("no stream, and nothing else"))}
    outcomes, server = outcomes_of(tmp_path, "1 only", "2 only", faults=faults, tries=1, stream=stream)
    assert [outcome.call.content for outcome in outcomes if outcome.call] == ["answer to 1 only", "answer to 2 only"]
    assert server.sent.total() == (2 if stream else 4)
    (tmp_path / "again").mkdir()
    [outcome], server = outcomes_of(tmp_path / "again", "neither", faults=faults, tries=1, stream=stream)
    assert (outcome.call and outcome.call.ended, server.sent.total()) == (CallEnd.REFUSED, 2)


@pytest.mark.parametrize(
    "body", ['data: {"error": {"message": "later"}}\n\ndata: [DONE]\n\n', '{"error": "later"}', ""]
)
@pytest.mark.parametrize(("status", "told"), [(429, "rate_limited"), (503, "server_error"), (409, "server_error")])
def test_an_error_that_calls_itself_a_stream_is_an_error(tmp_path: Path, status: int, told: str, body: str) -> None:
    """It was a stream without an answer: the status counted for nothing, and the send as perhaps paid for."""

    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type="text/event-stream")

    [outcome], _ = outcomes_of(tmp_path, "fails", faults={"fails": fault}, tries=1)
    assert (outcome.pending or "").startswith(f"{told}: HTTP {status}")


def test_a_server_that_loads_is_waited_for(tmp_path: Path) -> None:
    """And costs no try, however often it is looked at."""

    async def scenario(server: Hostile) -> tuple[list[Outcome], int]:
        loaded_at = asyncio.get_running_loop().time() + 2

        async def loading(request: web.Request, work: Work) -> web.StreamResponse:
            if asyncio.get_running_loop().time() < loaded_at:
                return await says(503, error("Loading model", 503))(request, work)
            return web.json_response(await work())

        server.faults = {"loads": loading}
        asked = teacher(server, tmp_path, tries=1)
        answering = asyncio.create_task(asked.answer([ask(f"{n} loads") for n in range(20)]))
        await asyncio.sleep(1)
        assert "Loading model" in ((await asked.state()).away or "")
        outcomes = await answering
        assert (await asked.state()).away is None
        await asked.close()
        return outcomes, server.sent.total()

    outcomes, sent = on_loopback(scenario)
    assert all(outcome.call for outcome in outcomes)
    assert sent <= 20 + 20 + 4, "all at once, then one at a time, then all"


def gateway(opens_s: float, status: int) -> Fault:
    """Answers that nobody is there, or that it is too early, until so long after the first request; then all."""
    opens_at: list[float] = []

    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        opens_at.append(now + opens_s)
        if now < opens_at[0]:
            return web.Response(status=status, text="<html>bad gateway</html>", content_type="text/html")
        return web.json_response(await work())

    return fault


@pytest.mark.parametrize("status", [429, 500, 502, 503, 521, 529])
def test_a_gateway_without_its_server_is_waited_for(tmp_path: Path, status: int) -> None:
    """A minute of 502 lost 2,854 of 3,000 calls, after 14,270 requests: each had had its tries within 15 s."""
    prompts = [f"{n} waits" for n in range(100)]
    outcomes, server = outcomes_of(tmp_path, *prompts, faults={"waits": gateway(3, status)}, stream=False)
    assert [outcome.call is not None for outcome in outcomes] == [True] * 100
    assert server.sent.total() <= 250, "those under way, then one call at a time, then all calls"


def test_a_gateway_that_stays_without_its_server_is_given_up(tmp_path: Path) -> None:
    prompts = [f"{n} waits" for n in range(100)]
    outcomes, server = outcomes_of(tmp_path, *prompts, faults={"waits": gateway(99, 502)}, stream=False, patience_s=1.0)
    left = [outcome.pending or "" for outcome in outcomes]
    assert all(pending.startswith("server_error: HTTP 502: <html>bad gateway") for pending in left)
    assert sum("teacher.patience_s = 1" in pending for pending in left) >= 100 - 16
    assert server.sent.total() <= 150


def test_failures_between_answers_are_tries(tmp_path: Path) -> None:
    """The control: calls that always fail, among others that do not, are no gateway without its server."""
    faults = {"fails": says(502, "<html>bad gateway</html>")}
    prompts = [f"{n} {'fails' if n % 10 == 0 else 'fine'}" for n in range(100)]
    outcomes, server = outcomes_of(tmp_path, *prompts, faults=faults, stream=False, in_flight=4)
    assert [outcome.call is None for outcome in outcomes] == ["fails" in prompt for prompt in prompts]
    assert server.sent.total() == 90 + 10 * TRIES


def test_a_server_that_stays_away_is_given_up_and_nothing_is_left_hanging(tmp_path: Path) -> None:
    async def scenario(server: Hostile) -> list[Outcome]:
        server.base_url = "http://127.0.0.1:9/v1"
        return await answered(teacher(server, tmp_path, patience_s=1.0), *(f"{n}?" for n in range(20)))

    outcomes = on_loopback(scenario)
    assert all((outcome.pending or "").startswith("unreachable: ") for outcome in outcomes)
    assert all("teacher.patience_s = 1" in (outcome.pending or "") for outcome in outcomes)

"""The teacher: nothing is paid for twice, nothing goes where it should not, and a check that buys nothing."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from schemas.call import Message
from schemas.errors import Refused
from schemas.run import Ledger
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.teacher import Teacher, check_endpoint
from tests.integration.hostile import KEY, SAMPLING, Hostile, ask, completion, limiter, on_loopback, settings, teacher


def test_a_journaled_answer_is_not_paid_for_again(tmp_path: Path) -> None:
    requests = [ask(f"{n}?") for n in range(20)] + [ask("a 400")]

    async def scenario(server: Hostile) -> None:
        answers = []
        for _ in range(2):
            asked = teacher(server, tmp_path)
            answers.append(await asked.answer(requests))
            await asked.close()
        assert answers[0] == answers[1]
        assert set(server.sent.values()) == {1}
        assert all(outcome.call for outcome in answers[1])

    on_loopback(scenario)


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "n"},
        {"endpoint": "https://other.test/v1"},
        {"fresh": "again"},
        {"sample_index": 1},
        {"sampling": SAMPLING.model_copy(update={"temperature": 0.6})},
        {"messages": (Message(role="user", content="1?"),)},
    ],
)
def test_a_changed_request_is_another_call(tmp_path: Path, changed: dict[str, Any]) -> None:
    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path)
        await asked.answer([ask("1?")])
        await asked.answer([ask("1?"), ask("1?", **changed)])
        assert sum(server.sent.values()) == 2
        await asked.close()

    on_loopback(scenario)


def test_equal_requests_fly_once(tmp_path: Path) -> None:
    """Also across overlapping batches; 40 waiters, one send."""

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path)
        batches = await asyncio.gather(*(asked.answer([ask("one slow")] * 4) for _ in range(10)))
        assert server.sent == {"one slow": 1}
        assert {outcome.call.content for batch in batches for outcome in batch if outcome.call} == {
            "answer to one slow"
        }
        await asked.close()

    on_loopback(scenario)


def test_what_was_not_sent_is_not_done(tmp_path: Path) -> None:
    """The bug: the progress of a run that was stopped said that all calls had been made."""

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path)
        await asked.answer([ask("1?"), ask("1?"), ask("2?")])
        await asked.drain()
        outcomes = await asked.answer([ask("2?"), ask("3?")])
        assert [outcome.pending is None for outcome in outcomes] == [True, False]
        assert (await asked.state()).done == 4
        assert sum(server.sent.values()) == 2
        await asked.close()

    on_loopback(scenario)


@pytest.mark.parametrize(("in_flight", "calls"), [(5, 20), (150, 300)])
def test_slots_bound_what_is_in_flight(tmp_path: Path, in_flight: int, calls: int) -> None:
    """Over all batches, and nothing else does: the transport's own limit held 256 slots down to 100."""

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path, in_flight=in_flight, timeout_s=5)
        await asyncio.gather(*(asked.answer([ask(f"{n} {m} slow") for n in range(calls // 5)]) for m in range(5)))
        assert server.most_flying == in_flight
        await asked.close()

    on_loopback(scenario)


def test_a_cancelled_batch_still_journals_what_it_paid_for(tmp_path: Path) -> None:
    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path)
        batch = asyncio.create_task(asked.answer([ask("one slow")]))
        while not server.flying:
            await asyncio.sleep(0.01)
        batch.cancel()
        while not asked._journal.answers([ask("one slow").call_id]):
            await asyncio.sleep(0.01)
        await asked.close()

    on_loopback(scenario)


def test_nobody_there(tmp_path: Path) -> None:
    """A refused connection is known not to be paid for."""

    async def scenario(server: Hostile) -> None:
        address = TeacherAddress("http://127.0.0.1:9/v1", SecretStr(KEY))
        asked = Teacher(settings(patience_s=0), address, tmp_path / "calls.sqlite", limiter(4), backoff_s=0.01)
        [outcome] = await asked.answer([ask("1?")])
        assert outcome.pending
        assert outcome.pending.startswith("unreachable: ")
        assert asked._journal.ledger([outcome.call_id]) == Ledger(sent=1, answered=0, failed=1, unknown=0)
        await asked.close()
        with pytest.raises(Refused, match=r"teacher at http://127.0.0.1:9/v1: unreachable: .*base_url"):
            await check_endpoint(settings(), address)

    on_loopback(scenario)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_loopback_is_not_asked_of_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path)
        [outcome] = await asked.answer([ask("1?")])
        assert outcome.call
        await asked.close()

    on_loopback(scenario)


def test_the_environments_key_goes_nowhere_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK fills a missing key from OPENAI_API_KEY, whatever the endpoint."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-endpoint")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-of-another-endpoint")

    async def scenario(server: Hostile) -> None:
        address = TeacherAddress(server.base_url)
        asked = Teacher(settings(api_key=None), address, tmp_path / "calls.sqlite", limiter(4))
        await asked.answer([ask("1?")])
        await check_endpoint(settings(api_key=None), address)
        await asked.close()
        assert len(server.headers) == 2
        assert "sk-of-another-endpoint" not in str(server.headers)

    on_loopback(scenario)


def test_a_key_may_end_in_a_newline_but_not_hold_one(tmp_path: Path) -> None:
    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path, key=f" {KEY}\n")
        [outcome] = await asked.answer([ask("1?")])
        assert outcome.call
        await asked.close()
        with pytest.raises(Refused) as refused:
            teacher(server, tmp_path, key=f"{KEY}\n{KEY}")
        assert "env:TEACHER_KEY" in str(refused.value)
        assert KEY not in str(refused.value)

    on_loopback(scenario)


@pytest.mark.parametrize("status", [200, 403, 404, 405, 429, 500, 503])
def test_an_endpoint_that_may_work_passes_the_check(status: int) -> None:
    async def scenario(server: Hostile) -> None:
        server.models = status
        await check_endpoint(settings(), TeacherAddress(server.base_url, SecretStr(KEY)))
        assert not server.sent, "a check POSTs nothing"

    on_loopback(scenario)


def test_who_is_told_to_come_tomorrow_does_not_ask_for_all_that_is_left(tmp_path: Path) -> None:
    """A quota of a day was asked about with every call of a plan. One call that is put off says nothing of others."""

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path, in_flight=4)
        between = [ask(f"{n} {'429-a-day' if n % 2 else 'fine'}") for n in range(40)]
        outcomes = await asked.answer(between)
        assert sum(outcome.call is not None for outcome in outcomes) == 20
        outcomes = await asked.answer([ask(f"{n} and a 429-a-day") for n in range(200)])
        assert all("come back tomorrow; it asks to wait for 86400 s" in (o.pending or "") for o in outcomes[20:])
        assert sum(n for prompt, n in server.sent.items() if "and a" in prompt) <= 16 + 4
        await asked.close()

    on_loopback(scenario)


@pytest.mark.parametrize("status", [503, 529])
def test_a_server_that_is_full_is_asked_for_less(tmp_path: Path, status: int) -> None:
    """Each 503 of vLLM's queue cost a try, and no fewer calls were in flight for it: a tenth of them were given up."""
    takes, busy, refused = 4, 0, 0

    async def chat(request: web.Request) -> web.Response:
        nonlocal busy, refused
        if busy == takes:
            refused += 1
            return web.json_response({"error": {"message": "The engine is currently busy."}}, status=status)
        busy += 1
        await asyncio.sleep(0.1)
        busy -= 1
        return web.json_response(completion("4"))

    async def scenario() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", chat)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = TeacherAddress(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", SecretStr(KEY))
        asked = Teacher(settings(tries=5), address, tmp_path / "journal" / "calls.sqlite", limiter(), backoff_s=0.5)
        outcomes = await asked.answer([ask(f"{n}") for n in range(200)])
        await asked.close()
        await runner.cleanup()
        assert all(outcome.call for outcome in outcomes)
        assert refused < 2 * len(outcomes), "more than four times as many before"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("message", "passes"),
    [("Invalid bearer token", True), ("x-api-key header is required", True), ("invalid x-api-key", False)],
)
def test_anthropic_lists_no_models_for_the_header_that_its_chat_takes(message: str, passes: bool) -> None:
    """With a good key no run could begin."""

    async def scenario(server: Hostile) -> None:
        error = {"type": "error", "error": {"type": "authentication_error", "message": message}}
        server.models = lambda: web.json_response(error, status=401)
        checking = check_endpoint(settings(), TeacherAddress(server.base_url, SecretStr(KEY)))
        with nullcontext() if passes else pytest.raises(Refused, match=message):
            await checking

    on_loopback(scenario)


@pytest.mark.parametrize(("status", "told"), [(401, "env:TEACHER_KEY"), (400, "env:TEACHER_KEY"), (307, "base_url")])
def test_an_endpoint_that_cannot_work_fails_the_check(status: int, told: str) -> None:
    async def scenario(server: Hostile) -> None:
        server.models = status
        with pytest.raises(Refused, match=told):
            await check_endpoint(settings(), TeacherAddress(server.base_url, SecretStr(KEY)))
        assert not server.sent

    on_loopback(scenario)


def test_the_practice_teacher_is_free(tmp_path: Path) -> None:
    unpriced = dict.fromkeys(("usd_per_million_input", "usd_per_million_output"))

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path, **unpriced)
        free, unknown = await asked.answer([ask("1?", endpoint="practice/1/mild"), ask("1?")])
        assert free.call
        assert free.call.cost_usd == 0
        assert unknown.call
        assert unknown.call.cost_usd is None
        await asked.close()

    on_loopback(scenario)

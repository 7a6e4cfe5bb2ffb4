"""The teacher against a hostile endpoint: every fault lands in its own class, and the books match the server's."""

import asyncio
import re
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiohttp
import pytest
from pydantic import SecretStr

from schemas.call import Call, CallEnd, Message, Outcome, Request, Sampling, Usage
from schemas.configuration import Teacher as Settings
from schemas.errors import Refused, TeacherUnavailable
from schemas.run import Ledger
from tasks.teacher import Teacher, TeacherAddress, check_endpoint
from tests.integration.hostile import KEY, Hostile, bomb, hostile

T = TypeVar("T")
SAMPLING = Sampling(temperature=0.7, top_p=None, max_tokens=64, seed=None)
TRIES = 3


def ask(prompt: str, **changed: Any) -> Request:
    messages = (Message(role="system", content="Think."), Message(role="user", content=prompt))
    asked = {"endpoint": "https://teacher.test/v1", "model": "m", "messages": messages, "sampling": SAMPLING}
    return Request(**asked, sample_index=0, fresh="").model_copy(update=changed)


def settings(**changed: Any) -> Settings:
    prices = {"usd_per_million_input": 1.0, "usd_per_million_cached_input": 0.5, "usd_per_million_output": 10.0}
    given = {"model": "m", "api_key": "env:TEACHER_KEY", "tries": TRIES, "timeout_s": 0.6}
    return Settings(**(given | prices | {"max_response_bytes": 2**20} | changed))


def teacher(server: Hostile, folder: Path, in_flight: int = 64, key: str = KEY, **changed: Any) -> Teacher:
    address = TeacherAddress(server.base_url, SecretStr(key))
    return Teacher(settings(**changed), address, folder / "journal" / "calls.sqlite", in_flight, backoff_s=0.01)


def on_loopback(scenario: Callable[[Hostile], Awaitable[T]]) -> T:
    async def run() -> T:
        async with hostile() as server:
            return await scenario(server)

    return asyncio.run(run())


class Lands(NamedTuple):
    """How one faulty prompt is to end: its state, the start of its reason, its sends and their ledger."""

    state: CallEnd | None
    reason: str | None
    sends: int
    failed: int = 0
    unknown: int = 0


ANSWERED = Lands(CallEnd.ANSWERED, None, 1)
CLASSES = {
    "fine": ANSWERED,
    "429-then-fine": Lands(CallEnd.ANSWERED, None, 3, failed=2),
    "429": Lands(None, "rate_limited: HTTP 429: slow down", TRIES, failed=TRIES),
    "429-bare": Lands(None, "rate_limited: HTTP 429", TRIES, failed=TRIES),
    "429-a-day": Lands(None, "rate_limited: HTTP 429: come back tomorrow", 1, failed=1),
    "500": Lands(None, "server_error: HTTP 500: oops", TRIES, failed=TRIES),
    "502": Lands(None, "server_error: HTTP 502: <html>bad gateway", TRIES, failed=TRIES),
    "503": Lands(None, "server_error: HTTP 503: overloaded", TRIES, failed=TRIES),
    "504": Lands(None, "gateway_timeout: HTTP 504: upstream", TRIES, unknown=TRIES),
    "400": Lands(CallEnd.REFUSED, "refused: HTTP 400: context length; your key is ***", 1, failed=1),
    "413": Lands(CallEnd.REFUSED, "refused: HTTP 413: too large [31m", 1, failed=1),
    "422": Lands(CallEnd.REFUSED, 'refused: HTTP 422: [{"loc": "messages"}]', 1, failed=1),
    "reset": Lands(None, "cut: ", TRIES, unknown=TRIES),
    "reset-later": Lands(None, "cut: ", TRIES, unknown=TRIES),
    "truncated-body": Lands(None, "cut: ", TRIES, unknown=TRIES),
    "garbled-http": Lands(None, "cut: ", TRIES, unknown=TRIES),
    "truncated-json": Lands(None, 'cut_json: {"model": "m"', TRIES, unknown=TRIES),
    "nothing": Lands(None, "cut_json: nothing", TRIES, unknown=TRIES),
    "html": Lands(None, "not_json: <html>Please log in", TRIES, failed=TRIES),
    "error-object": Lands(None, "error_object: provider returned an error", TRIES, failed=TRIES),
    "error-429-in-200": Lands(None, "rate_limited: slow down", TRIES, failed=TRIES),
    "no-choices-at-all": Lands(None, "error_object: no message", TRIES, failed=TRIES),
    "empty-choices": Lands(CallEnd.UNREADABLE, "not_a_completion: choices is empty", 1),
    "wrong-types": Lands(CallEnd.UNREADABLE, "not_a_completion: choices[0].message.content is int", 1),
    "other-model": ANSWERED,
    "bad-utf8": ANSWERED,
    "surrogates": ANSWERED,
    "key-echoed": ANSWERED,
    "length": ANSWERED,
    "content-filter": ANSWERED,
    "no-usage": ANSWERED,
    "reasoning": ANSWERED,
    "gzip": ANSWERED,
    "gzip-cut": Lands(None, "cut: ", TRIES, unknown=TRIES),
    "half-open": Lands(None, "deadline: not whole within 0.6 s", TRIES, unknown=TRIES),
    "drip": Lands(None, "deadline: not whole within 0.6 s", TRIES, unknown=TRIES),
    "redirect": Lands(None, "redirected: HTTP 307: to http://localhost, which is not followed", TRIES, failed=TRIES),
    "slow": ANSWERED,
}


@pytest.fixture(scope="module")
def bad_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Outcome], dict[str, Ledger], Hostile, Path]:
    """All faults at once, each beside a healthy neighbour: outcomes and books by prompt."""
    folder = tmp_path_factory.mktemp("bad_day")
    prompts = [prompt for fault in CLASSES for prompt in (f"a {fault}", f"neighbour of {fault}?")]

    async def scenario(server: Hostile) -> tuple[dict[str, Outcome], dict[str, Ledger], Hostile]:
        asked = teacher(server, folder, in_flight=200)
        outcomes = await asked.answer([ask(prompt) for prompt in prompts])
        books = {prompt: asked._journal.ledger([ask(prompt).call_id]) for prompt in prompts}
        await asked.close()
        return dict(zip(prompts, outcomes, strict=True)), books, server

    return *on_loopback(scenario), folder


@pytest.mark.parametrize("fault", CLASSES)
def test_every_fault_lands_in_its_own_class(bad_day: Any, fault: str) -> None:
    outcomes, books, server, _ = bad_day
    expected, outcome = CLASSES[fault], outcomes[f"a {fault}"]
    call = outcome.call
    assert (call.ended if call else None) == expected.state
    reason = call.error if call else outcome.pending
    assert reason is None if expected.reason is None else reason.startswith(expected.reason), reason
    assert server.sent[f"a {fault}"] == expected.sends
    answered = expected.sends - expected.failed - expected.unknown
    assert books[f"a {fault}"] == Ledger(
        sent=expected.sends, answered=answered, failed=expected.failed, unknown=expected.unknown
    )
    if call:
        assert call.tries == expected.sends


def test_neighbours_of_a_fault_live(bad_day: Any) -> None:
    outcomes, books, server, _ = bad_day
    for fault in CLASSES:
        prompt = f"neighbour of {fault}?"
        assert outcomes[prompt].call.content == f"answer to {prompt}"
        assert server.sent[prompt] == 1
        assert books[prompt].answered == 1


def test_what_an_answer_says_is_kept(bad_day: Any) -> None:
    said: dict[str, Call] = {fault: bad_day[0][f"a {fault}"].call for fault in CLASSES}
    fine = said["fine"]
    assert fine.usage == Usage(prompt_tokens=1000, completion_tokens=100, cached_tokens=400)
    assert fine.cost_usd == pytest.approx((600 * 1 + 400 * 0.5 + 100 * 10) / 1e6)
    assert (fine.model_asked, fine.model_answered, fine.finish_reason) == ("m", "m", "stop")
    assert 0 < fine.latency_s < 2
    assert said["slow"].latency_s > 0.2
    assert said["other-model"].model_answered == "m-mini-2020"
    assert said["length"].finish_reason == "length"
    assert said["content-filter"].finish_reason == "content_filter"
    assert (said["no-usage"].usage, said["no-usage"].cost_usd) == (Usage(), None)
    assert (said["reasoning"].content, said["reasoning"].reasoning) == ("4", "2+2")
    assert said["gzip"].content == "packed"
    assert said["bad-utf8"].content == "caf\ufffd"
    assert b"caf\xff" in said["bad-utf8"].raw_response
    assert re.fullmatch("a\ufffd+b\ufffdc", said["surrogates"].content or "")
    assert rb"a\ud800b\u0000c" in said["surrogates"].raw_response
    assert said["400"].cost_usd == 0
    assert b"choices" in said["empty-choices"].raw_response
    assert said["empty-choices"].usage.prompt_tokens == 5


def test_the_key_is_nowhere(bad_day: Any) -> None:
    outcomes, _, server, folder = bad_day
    assert all(headers["Authorization"] == f"Bearer {KEY}" for headers in server.headers)
    assert KEY not in repr(outcomes)
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"context length; your key is ***" in written
    assert KEY.encode() not in written
    assert outcomes["a key-echoed"].call.content == "your key is ***"


def test_a_redirect_is_not_followed(bad_day: Any) -> None:
    assert bad_day[2].followed == 0


def test_only_what_was_asked_is_sent(bad_day: Any) -> None:
    body = next(body for body in bad_day[2].bodies if body["messages"][-1]["content"] == "a fine")
    messages = [{"role": "system", "content": "Think."}, {"role": "user", "content": "a fine"}]
    assert body == {"model": "m", "messages": messages, "temperature": 0.7, "max_tokens": 64}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("401", ["denied: HTTP 401: Incorrect API key provided: ***", "teacher.api_key = env:TEACHER_KEY"]),
        ("403", ["denied: HTTP 403: forbidden", "env:TEACHER_KEY"]),
        ("402", ["no_credit: HTTP 402: Insufficient Balance", "Top up"]),
        ("429-no-quota", ["no_credit: HTTP 429: You exceeded your quota"]),
        ("404", ["not_found: HTTP 404: The model `m` does not exist", "teacher.model = 'm'"]),
    ],
)
def test_what_every_call_would_meet_stops_the_run(tmp_path: Path, fault: str, told: list[str]) -> None:
    requests = [ask(f"{n} {fault}") for n in range(50)]

    async def scenario(server: Hostile) -> tuple[str, Hostile, Ledger]:
        asked = teacher(server, tmp_path, in_flight=4)
        slow = asyncio.create_task(asked.answer([ask("paid, slow")]))
        await asyncio.sleep(0.05)
        with pytest.raises(TeacherUnavailable) as stopped:
            await asked.answer(requests)
        with pytest.raises(TeacherUnavailable):
            await slow
        books = asked._journal.ledger([request.call_id for request in requests])
        assert asked._journal.answers([ask("paid, slow").call_id]), "what was in flight is paid for, and kept"
        await asked.close()
        return str(stopped.value), server, books

    message, server, books = on_loopback(scenario)
    assert server.base_url in message
    assert KEY not in message
    for words in told:
        assert words in message
    sent = sum(server.sent.values()) - 1
    assert sent <= 4, "no send is begun after the first refusal"
    assert books == Ledger(sent=sent, answered=0, failed=sent, unknown=0)


@pytest.mark.parametrize(("megabytes", "cap", "holds_it_all"), [(300, 2**20, False), (60, 2**27, True)])
def test_a_bomb_is_cut(tmp_path: Path, megabytes: int, cap: int, holds_it_all: bool) -> None:
    """In an answer and in an error, which the SDK alone would unpack whole. The second case is the control."""

    async def scenario(server: Hostile) -> tuple[list[Outcome], int]:
        server.bomb = bomb(megabytes)
        asked = teacher(server, tmp_path, tries=1, max_response_bytes=cap, timeout_s=20)
        tracemalloc.start()
        outcomes = await asked.answer([ask("a bomb-in-500"), ask("a bomb")])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await asked.close()
        return outcomes, peak

    (error, answer), peak = on_loopback(scenario)
    assert (peak > 50 * 2**20) == holds_it_all
    assert error.pending
    assert error.pending.startswith("server_error: HTTP 500")
    if not holds_it_all:
        assert answer.call
        assert answer.call.ended is CallEnd.UNREADABLE
        assert answer.call.error == "too_long: more than 1048576 bytes"
        assert len(answer.call.raw_response) == 65536


async def _kept_connection(server: Hostile, prompts: list[str]) -> list[str]:
    """The control: what a client makes of it that keeps its connections."""
    said = []
    async with aiohttp.ClientSession() as session:
        for prompt in prompts:
            body = {"messages": [{"content": prompt}]}
            async with session.post(f"{server.base_url}/chat/completions", json=body) as response:
                said.append((await response.json())["choices"][0]["message"]["content"])
            await asyncio.sleep(0.1)
    return said


def test_a_response_that_comes_twice_is_not_the_next_answer(tmp_path: Path) -> None:
    """On a kept connection the copy is read as the answer to the next call."""
    prompts = ["0 twice", "1 twice"]

    async def scenario(server: Hostile) -> tuple[list[str | None], list[str]]:
        asked = teacher(server, tmp_path)
        said = []
        for prompt in prompts:
            [outcome] = await asked.answer([ask(prompt)])
            said.append(outcome.call and outcome.call.content)
            await asyncio.sleep(0.1)
        await asked.close()
        return said, await _kept_connection(server, prompts)

    said, misread = on_loopback(scenario)
    assert said == ["answer to 0 twice", "answer to 1 twice"]
    assert misread == ["answer to 0 twice", "answer to 0 twice"]


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
        await asyncio.sleep(0.1)
        batch.cancel()
        await asyncio.sleep(0.4)
        assert asked._journal.answers([ask("one slow").call_id])
        await asked.close()

    on_loopback(scenario)


def test_nobody_there(tmp_path: Path) -> None:
    """A refused connection is known not to be paid for."""

    async def scenario(server: Hostile) -> None:
        address = TeacherAddress("http://127.0.0.1:9/v1", SecretStr(KEY))
        asked = Teacher(settings(), address, tmp_path / "calls.sqlite", 4, backoff_s=0.01)
        [outcome] = await asked.answer([ask("1?")])
        assert outcome.pending
        assert outcome.pending.startswith("unreachable: ")
        assert asked._journal.ledger([outcome.call_id]) == Ledger(sent=3, answered=0, failed=3, unknown=0)
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
        asked = Teacher(settings(api_key=None), address, tmp_path / "calls.sqlite", 4)
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

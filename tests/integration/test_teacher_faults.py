"""The teacher against a hostile endpoint: every fault lands in its own class, and the books match the server's."""

import asyncio
import re
import tracemalloc
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from schemas.call import Call, CallEnd, Outcome, Request, Usage
from schemas.errors import TeacherUnavailable
from schemas.run import Ledger
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.teacher import _DENIED_IN_A_ROW, Teacher
from tasks.http.connections import REST_S
from tasks.practice.faults import FAULTS, explodes
from tests.integration.hostile import KEY, TRIES, Hostile, ask, limiter, on_loopback, settings, teacher


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
    "reset-after-work": Lands(None, "cut: ", TRIES, unknown=TRIES),
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
    "half-open": Lands(None, "deadline: not whole within 2.5 s", TRIES, unknown=TRIES),
    "drip": Lands(None, "deadline: not whole within 2.5 s", TRIES, unknown=TRIES),
    "redirect": Lands(None, "redirected: HTTP 307: to http://localhost, which is not followed", TRIES, failed=TRIES),
    "slow": ANSWERED,
}


ELSEWHERE = {"401", "402", "403", "404", "429-no-quota", "429-wait", "bomb", "bomb-in-500", "twice"}
"""Faults that have tests of their own; 429-wait is 429 with a longer wait."""


def test_no_fault_is_forgotten() -> None:
    assert set(FAULTS) <= set(CLASSES) | ELSEWHERE


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
    assert said["gzip"].content == "answer to a gzip"
    assert said["bad-utf8"].content == "caf\ufffdanswer to a bad-utf8"
    assert b"caf\xff" in said["bad-utf8"].raw_response
    assert re.match("a\ufffd+b\ufffdc", said["surrogates"].content or "")
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
        while not server.flying:
            await asyncio.sleep(0.001)
        with pytest.raises(TeacherUnavailable) as stopped:
            await asked.answer(requests)
        with suppress(TeacherUnavailable):
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
    assert sent < 4 + 2 * _DENIED_IN_A_ROW, "no send is begun once so many were denied; the slow one may come between"
    assert max(server.sent.values()) == 1, "none of them is sent again"
    assert sent <= books.sent <= sent + 4, "one that is announced as the run stops is at home, and costs nothing"
    assert books == Ledger(sent=books.sent, answered=0, failed=books.sent, unknown=0)


DENIED = {
    "401": "denied: HTTP 401: Incorrect API key provided: ***",
    "402": "no_credit: HTTP 402: Insufficient Balance",
    "403": "denied: HTTP 403: forbidden",
    "404": "not_found: HTTP 404: The model `m` does not exist",
    "429-no-quota": "no_credit: HTTP 429: You exceeded your quota",
}
"""A firewall forbids one prompt, one key of several is spent, one host of several lacks the model: by first word."""


@pytest.mark.parametrize("answered_before", [0, 1])
@pytest.mark.parametrize("fault", DENIED)
def test_a_call_that_is_denied_among_answers_costs_itself(tmp_path: Path, fault: str, answered_before: int) -> None:
    """Also where the first replies of all deny, which come sooner than answers do."""
    denied = _DENIED_IN_A_ROW - 1
    asked = [ask("0 fine")][:answered_before] + [ask(f"{n} {fault}") for n in range(denied)] + [ask("1 fine")]
    outcomes, server = on_loopback(partial(_all_answers, tmp_path, asked))
    assert [outcome.pending for outcome in outcomes] == [None] * answered_before + [DENIED[fault]] * denied + [None]
    assert max(server.sent.values()) == 1, "asked again by the next run"


@pytest.mark.parametrize(
    "prompts",
    [
        ["0 fine", *(f"{n} {list(DENIED)[n % len(DENIED)]}" for n in range(40)), "1 fine"],
        ["0 403"],
        ["0 403", "1 404", "2 400"],
    ],
)
def test_calls_that_are_denied_one_after_another_or_all_stop_the_run(tmp_path: Path, prompts: list[str]) -> None:
    with pytest.raises(TeacherUnavailable, match="HTTP 40"):
        on_loopback(partial(_all_answers, tmp_path, [ask(prompt) for prompt in prompts]))


async def _all_answers(folder: Path, requests: list[Request], server: Hostile) -> tuple[list[Outcome], Hostile]:
    asked = teacher(server, folder, in_flight=1)
    try:
        return await asked.answer(requests), server
    finally:
        await asked.close()


def test_a_missing_key_is_named_as_missing(tmp_path: Path) -> None:
    async def scenario(server: Hostile) -> None:
        asked = Teacher(settings(api_key=None), TeacherAddress(server.base_url), tmp_path / "calls.sqlite", limiter(4))
        with pytest.raises(TeacherUnavailable, match=r"teacher\.api_key is not set"):
            await asked.answer([ask("a 401")])
        await asked.close()

    on_loopback(scenario)


@pytest.mark.parametrize(("megabytes", "cap", "holds_it_all"), [(300, 2**20, False), (60, 2**27, True)])
def test_a_bomb_is_cut(tmp_path: Path, megabytes: int, cap: int, holds_it_all: bool) -> None:
    """In an answer and in an error, which the SDK alone would unpack whole. The second case is the control."""

    async def scenario(server: Hostile) -> tuple[list[Outcome], int]:
        server.faults = {"bomb": explodes(200, megabytes), "bomb-in-500": explodes(500, megabytes)}
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


@pytest.mark.parametrize("pause_s", [0.0, 0.1, REST_S + 0.1])
def test_a_response_that_comes_twice_is_not_the_next_answer(tmp_path: Path, pause_s: float) -> None:
    """On a connection that is used again at once, the copy is read as the answer to the next call."""
    prompts = ["0 twice", "1 twice"]

    async def scenario(server: Hostile) -> tuple[list[str | None], list[str]]:
        asked = teacher(server, tmp_path)
        said = []
        for prompt in prompts:
            [outcome] = await asked.answer([ask(prompt)])
            said.append(outcome.call and outcome.call.content)
            await asyncio.sleep(pause_s)
        await asked.close()
        return said, await _kept_connection(server, prompts)

    said, misread = on_loopback(scenario)
    assert said == ["answer to 0 twice", "answer to 1 twice"]
    assert misread == ["answer to 0 twice", "answer to 0 twice"]


def test_a_quiet_connection_is_used_again(tmp_path: Path) -> None:
    """Once it has rested, and not when the server has hung up meanwhile."""

    async def scenario(server: Hostile) -> None:
        asked = teacher(server, tmp_path)
        for n in range(3):
            await asked.answer([ask(f"{n} of 3")])
            await asyncio.sleep(REST_S + 0.05)
        await asked.answer([ask("a reset-later")])
        assert [server.ports[prompt] for prompt in ("1 of 3", "2 of 3")] == [server.ports["0 of 3"]] * 2
        [outcome] = await asked.answer([ask("after it")])
        assert outcome.call
        assert server.ports["after it"] != server.ports["a reset-later"]
        await asked.close()

    on_loopback(scenario)

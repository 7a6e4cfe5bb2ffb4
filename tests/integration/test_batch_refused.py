"""Batches that an endpoint refuses, forgets or cancels: who is told what, and what is paid for."""

import asyncio
import re
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from schemas.errors import TeacherUnavailable
from tasks.asking.batch_lines import chat_path, input_line
from tests.integration.batching import (
    Break,
    Door,
    ask,
    asks,
    cut_after,
    ledger,
    life,
    says,
    serving,
    teacher,
    with_batches,
)

DENIED = says(401, '{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}')


@pytest.mark.parametrize(
    ("step", "broken", "told"),
    [
        ("upload", DENIED, "teacher.api_key is not set"),
        ("upload", says(404), "teacher.batch = false"),
        ("upload", says(400, '{"error": {"message": "no such purpose"}}'), "no such purpose"),
        ("upload", says(307, Location="https://elsewhere.test"), "redirected"),
        ("create", says(405), "teacher.batch = false"),
        ("create", says(400, '{"error": {"message": "no such model here"}}'), "no such model here"),
        ("create", says(402), "Top up the account"),
    ],
)
def test_a_refused_batch_stops_the_run_and_costs_nothing(tmp_path: Path, step: str, broken: Break, told: str) -> None:
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks[step] = [broken]
        with pytest.raises(TeacherUnavailable, match=told):
            await life(door, tmp_path, requests)
        assert ledger(tmp_path, requests) == (5, 0, 5, 0)
        outcomes = await life(door, tmp_path, requests)
        assert all(outcome.call for outcome in outcomes)
        assert await door.paid() == [1] * 5

    with_batches(scenario)


def test_a_key_that_is_refused_while_a_batch_runs_loses_nothing(tmp_path: Path) -> None:
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks["poll"] = [DENIED]
        with pytest.raises(TeacherUnavailable, match=r"teacher\.api_key"):
            await life(door, tmp_path, requests)
        assert ledger(tmp_path, requests) == (5, 0, 0, 5)
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert await door.paid() == [1] * 5
        assert ledger(tmp_path, requests) == (5, 5, 0, 0)

    with_batches(scenario)


def test_a_model_that_is_not_there_stops_the_run_where_no_line_has_another(tmp_path: Path) -> None:
    missing = ask(2, model="none")

    async def scenario(door: Door) -> None:
        outcomes = await life(door, tmp_path, [ask(1), missing])
        assert [(outcome.pending or "").partition(":")[0] for outcome in outcomes] == ["", "not_found"]
        assert ledger(tmp_path, [ask(1), missing]) == (2, 1, 1, 0), "it is not asked again by this run"
        with pytest.raises(TeacherUnavailable, match=r"teacher\.model"):
            await life(door, tmp_path, [ask(1), missing])

    with_batches(scenario)


def test_a_row_that_is_refused_does_not_touch_its_neighbours(tmp_path: Path) -> None:
    requests = [ask(1), ask(2, messages=()), ask(3)]

    async def scenario(door: Door) -> None:
        outcomes = await life(door, tmp_path, requests)
        assert [str(o.call and o.call.ended) for o in outcomes] == ["answered", "refused", "answered"]

    with_batches(scenario)


def test_a_batch_that_the_endpoint_does_not_know(tmp_path: Path) -> None:
    """It may be known to another key: asking again at once would pay again. In two days it is over in any case."""
    requests = asks(5)

    async def scenario() -> None:
        async with serving() as door:
            door.breaks["poll"] = [DENIED]
            with pytest.raises(TeacherUnavailable):
                await life(door, tmp_path, requests)
        async with serving() as other:
            for _ in range(2):
                with pytest.raises(TeacherUnavailable, match="batch batch_0 is not known there"):
                    await life(other, tmp_path, requests)
            assert not other.steps["create"]
            with sqlite3.connect(tmp_path / "calls.sqlite") as db:
                db.execute("UPDATE batches SET announced_at = announced_at - 49 * 3600")
            outcomes = await life(other, tmp_path, requests)
            assert {outcome.pending for outcome in outcomes} == {"missing: batch batch_0 is not known any more"}
            assert ledger(tmp_path, requests) == (5, 0, 0, 5)
            assert all(outcome.call for outcome in await life(other, tmp_path, requests))

    asyncio.run(scenario())


@pytest.mark.parametrize("unlisted", [404, 405, 400])
@pytest.mark.parametrize("is_new", [False, True])
def test_a_batch_that_cannot_be_looked_for(tmp_path: Path, unlisted: int, is_new: bool) -> None:
    """A run was told to do without batches, and would have paid again for one that it had made, and not heard of."""
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks["create"] = [cut_after]
        if not is_new:
            abandoned = teacher(door, tmp_path, batch_poll_s=60)
            await abandoned.expect(requests)
            while not door.steps["create"]:
                await asyncio.sleep(0.01)
            await abandoned.close()
        door.breaks["list"] = [says(unlisted)] * 3
        for _ in range(2):
            with pytest.raises(TeacherUnavailable) as told:
                await life(door, tmp_path, requests)
            assert re.search(r"batch \w+ of file file-\w+ may be under way", str(told.value))
            assert f"HTTP {unlisted}" in str(told.value)
            assert "--fresh NAME" in str(told.value)
            assert "teacher.batch = false" not in str(told.value)
            assert ledger(tmp_path, requests) == (5, 0, 0, 5)
        with sqlite3.connect(tmp_path / "calls.sqlite") as db:
            db.execute("UPDATE batches SET announced_at = announced_at - 49 * 3600")
        outcomes = await life(door, tmp_path, requests)
        assert all("cannot be looked for any more" in str(outcome.pending) for outcome in outcomes)
        assert ledger(tmp_path, requests) == (5, 0, 0, 5)
        assert door.steps["create"] == 1
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))

    with_batches(scenario)


def test_a_list_that_answers_again_gives_the_batch(tmp_path: Path) -> None:
    """The control: within the two days nothing is given up, and nothing paid twice."""
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks["create"], door.breaks["list"] = [cut_after], [says(404)]
        with pytest.raises(TeacherUnavailable, match="cannot be looked for"):
            await life(door, tmp_path, requests)
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert await door.paid() == [1] * 5

    with_batches(scenario)


def test_batches_end_with_the_practice_teacher_that_had_them(tmp_path: Path) -> None:
    """Each run has one of its own."""
    requests = [ask(n, endpoint="practice/1/mild") for n in range(5)]

    async def scenario() -> None:
        async with serving() as door:
            door.breaks["poll"] = [DENIED]
            with pytest.raises(TeacherUnavailable):
                await life(door, tmp_path, requests)
        async with serving() as other:
            assert all(outcome.call for outcome in await life(other, tmp_path, requests))
            assert ledger(tmp_path, requests) == (10, 5, 0, 5)

    asyncio.run(scenario())


def test_a_batch_that_is_cancelled_there_gives_what_it_has(tmp_path: Path) -> None:
    requests = asks(50)

    async def scenario(door: Door) -> None:
        async def cancel(step: str, n: int) -> None:
            if (step, n) == ("poll", 3):
                url = f"{door.base_url}/batches/batch_0/cancel"
                async with aiohttp.ClientSession() as session, session.post(url) as response:
                    assert response.status == 200

        door.at_step = cancel
        outcomes = await life(door, tmp_path, requests)
        answered = sum(outcome.call is not None for outcome in outcomes)
        assert 0 < answered < 50
        assert ledger(tmp_path, requests) == (50, answered, 50 - answered, 0)
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert await door.paid() == [1] * 50

    with_batches(scenario, seconds_per_line=0.005)


def test_a_file_that_is_gone_leaves_its_calls_unknown(tmp_path: Path) -> None:
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks["content"] = [says(404)] * 100
        outcomes = await life(door, tmp_path, requests, patience_s=0.2)
        assert all(str(outcome.pending).startswith("missing") for outcome in outcomes)
        assert ledger(tmp_path, requests) == (5, 0, 0, 5)

    with_batches(scenario)


def test_the_list_of_batches_is_read_to_its_end(tmp_path: Path) -> None:
    """The one whose creation was not heard of may be older than a page of others."""
    requests = asks(3)

    async def scenario(door: Door) -> None:
        door.breaks["create"] = [cut_after]
        abandoned = teacher(door, tmp_path, batch_poll_s=60)
        await abandoned.expect(requests)
        while not door.steps["create"]:
            await asyncio.sleep(0.01)
        await abandoned.close()
        of_others = {
            "input_file_id": await _upload(door),
            "endpoint": chat_path(""),
            "completion_window": "24h",
        }
        async with aiohttp.ClientSession() as session:
            for _ in range(120):
                async with session.post(f"{door.base_url}/batches", json=of_others) as response:
                    assert response.status == 200
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert door.steps["list"] == 2
        assert (await door.counted("/counters/batches"))["batches"] == 121

    with_batches(scenario)


async def _upload(door: Door) -> str:
    form = aiohttp.FormData({"purpose": "batch"})
    form.add_field("file", input_line("theirs", ask(0)), filename="theirs.jsonl")
    async with aiohttp.ClientSession() as session, session.post(f"{door.base_url}/files", data=form) as response:
        return str((await response.json())["id"])

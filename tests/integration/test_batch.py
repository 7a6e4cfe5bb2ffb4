"""Calls through batches, over HTTP: the answers of the live path, joined by key, each paid once."""

import asyncio
import json
from pathlib import Path

import pytest

from schemas.budget import Cap, Charge
from schemas.call import OVER_BUDGET, CallEnd
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tests.integration.batching import (
    Door,
    asks,
    cut,
    cut_after,
    cut_midway,
    ledger,
    life,
    says,
    teacher,
    with_batches,
)
from warehouse.journal import Journal


def test_answers_are_those_of_the_live_path_byte_for_byte(tmp_path: Path) -> None:
    """Over several batches; a further life finds all of it in the journal."""
    requests = asks(60)

    async def scenario(door: Door) -> None:
        batched = await life(door, tmp_path, requests, batch_size=25)
        settings = teacher(door, tmp_path)._settings
        live = Teacher(
            settings, TeacherAddress(door.base_url), tmp_path / "live.sqlite", RateLimiter(SharedController(16, None))
        )
        one_by_one = await live.answer(requests)
        await live.close()
        own = {"latency_s": 0.0}
        for mine, theirs in zip(batched, one_by_one, strict=True):
            assert mine.call
            assert theirs.call
            assert mine.call.model_copy(update=own) == theirs.call.model_copy(update=own)
        assert await door.counted("/counters/batches") == {"files": 6, "batches": 3, "lines": 60}
        before = door.steps.copy()
        assert await life(door, tmp_path, requests) == batched
        assert door.steps == before
        assert ledger(tmp_path, requests) == (60, 60, 0, 0)

    with_batches(scenario)


def test_the_order_of_a_file_means_nothing(tmp_path: Path) -> None:
    """The control: joined by position, the same file would give most calls the answer of another one."""
    requests = asks(40)

    async def scenario(door: Door) -> None:
        outcomes = await life(door, tmp_path, requests)
        [file] = door.files
        by_position = [json.loads(line)["custom_id"] for line in file.splitlines()]
        assert sorted(by_position) == sorted(request.call_id for request in requests)
        wrong = sum(one != request.call_id for one, request in zip(by_position, requests, strict=True))
        assert wrong > 30
        for outcome, request in zip(outcomes, requests, strict=True):
            assert outcome.call
            assert outcome.call.call_id == request.call_id == outcome.call_id
            said = json.loads(outcome.call.raw_response)
            key = said["id"].removeprefix("chatcmpl-")
            assert (await door.counted("/counters/keys"))[key] == [1, 1]
            assert outcome.call.messages == request.messages

    with_batches(scenario)


def test_part_of_a_batch_may_fail(tmp_path: Path) -> None:
    """Lines of status 500 are asked again in the same run, and those of status 400 are rows with their reason."""
    requests = asks(60)

    async def scenario(door: Door) -> None:
        outcomes = await life(door, tmp_path, requests, tries=8)
        ends = [outcome.call and outcome.call.ended for outcome in outcomes]
        refused = [o.call for o in outcomes if o.call and o.call.ended is CallEnd.REFUSED]
        assert ends.count(CallEnd.ANSWERED) + len(refused) == 60
        assert 3 < len(refused) < 25
        assert {call.error for call in refused} == {"refused: HTTP 400: context length"}
        assert {call.cost_usd for call in refused} == {0.0}
        assert await door.paid() == [1] * (60 - len(refused))
        counted = await door.counted("/counters/batches")
        assert counted["batches"] > 1
        sent, answered, failed, unknown = ledger(tmp_path, requests)
        assert (sent, answered, unknown) == (counted["lines"], 60 - len(refused), 0)
        assert failed == sent - answered

    with_batches(scenario, failed=0.3, refused=0.2)


def test_an_expired_batch_gives_what_it_has(tmp_path: Path) -> None:
    """The rest waits for the next run, which asks for nothing else."""
    requests = asks(50)

    async def scenario(door: Door) -> None:
        first = await life(door, tmp_path, requests)
        pending = [outcome for outcome in first if outcome.pending]
        assert 5 < len(pending) < 45
        assert all(str(o.pending).startswith("not_run: batch_expired") for o in pending)
        assert ledger(tmp_path, requests) == (50, 50 - len(pending), len(pending), 0)
        lives = 1
        while any(outcome.pending for outcome in await life(door, tmp_path, requests)):
            lives += 1
            assert lives < 20
        assert await door.paid() == [1] * 50
        sent, answered, failed, unknown = ledger(tmp_path, requests)
        assert (sent, answered, unknown) == ((await door.counted("/counters/batches"))["lines"], 50, 0)
        assert failed == sent - 50

    with_batches(scenario, expired=0.4)


def test_a_missing_line_is_unknown_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    """It was executed and perhaps paid for, so a budget goes on charging its worst case."""
    requests = asks(60)

    async def scenario(door: Door) -> None:
        first = await life(door, tmp_path, requests)
        pending = [outcome for outcome in first if outcome.pending]
        assert 2 < len(pending) < 30
        assert all("missing: batch batch_0 is completed" in str(o.pending) for o in pending)
        assert door.steps["content"] == 2, "a file may come late: it is read twice"
        assert ledger(tmp_path, requests) == (60, 60 - len(pending), 0, len(pending))
        asked_again = await life(door, tmp_path, requests)
        assert (await door.counted("/counters/batches"))["lines"] == 60 + len(pending)
        still = sum(outcome.pending is not None for outcome in asked_again)
        assert ledger(tmp_path, requests) == (60 + len(pending), 60 - still, 0, len(pending) + still)

    with_batches(scenario, missing=0.2)


def test_lines_that_stand_twice_count_once(tmp_path: Path) -> None:
    requests = asks(30)

    async def scenario(door: Door) -> None:
        cap = account(tmp_path, 1.0)
        outcomes = await life(door, tmp_path, requests, cap)
        assert len(door.files[0].splitlines()) == 60
        assert ledger(tmp_path, requests) == (30, 30, 0, 0)
        cost = sum(outcome.call.cost_usd or 0 for outcome in outcomes if outcome.call)
        assert charged(tmp_path) == pytest.approx(cost), "given back once"

    with_batches(scenario, twice=1.0)


def mangled(file: bytes) -> bytes:
    """Failures of every call before its answer, lines of nobody, lines that are none; and other white space."""
    lines = [json.loads(line) for line in file.splitlines()]
    oops = {"status_code": 500, "request_id": "r", "body": {"error": {"message": "oops"}}}
    before = [json.dumps(line | {"response": oops}) for line in lines]
    strangers = [json.dumps(line | {"custom_id": f"{n}"}) for n, line in enumerate(lines)]
    noise = [
        "",
        "not JSON",
        "[]",
        "7",
        '{"custom_id": 7}',
        '{"custom_id":',
        "{" * 5000,
    ]
    spaced = [json.dumps(line, indent=1).replace("\n", " ") for line in lines]
    return "\r\n".join([*before, *strangers, *noise, *spaced]).encode()


def test_noise_in_a_file_changes_nothing(tmp_path: Path) -> None:
    requests = asks(20)

    async def scenario(door: Door) -> None:
        clean = await life(door, tmp_path / "clean", requests)
        door.rewrite = mangled
        noisy = await life(door, tmp_path / "noisy", requests)
        for one, other in zip(clean, noisy, strict=True):
            assert one.call
            assert other.call
            assert one.call.content == other.call.content
            assert json.loads(one.call.raw_response) == json.loads(other.call.raw_response)
            assert other.call.raw_response.startswith(b'{    "id"'), "byte for byte as it came"
        assert ledger(tmp_path / "noisy", requests) == (20, 20, 0, 0)

    with_batches(scenario)


def test_a_line_that_is_too_long_is_one_row(tmp_path: Path) -> None:
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.rewrite = lambda file: file.replace(b'"content":"', b'"content":"' + b"x" * 300_000, 1)
        outcomes = await life(door, tmp_path, requests, max_response_bytes=100_000)
        ends = [outcome.call and outcome.call.ended for outcome in outcomes]
        assert sorted(map(str, ends)) == ["answered"] * 4 + ["unreadable"]

    with_batches(scenario)


BAD = (cut, says(500), says(503), says(429, Retry_After="0"), says(504), says(200, "<html>"), says(200, "{"))


@pytest.mark.parametrize("step", ["upload", "create", "poll", "content"])
def test_a_bad_moment_at_any_step_neither_loses_nor_doubles_a_batch(tmp_path: Path, step: str) -> None:
    """A create that was cut off after it was done was done again: two batches, paid twice."""
    requests = asks(10)

    async def scenario(door: Door) -> None:
        door.breaks[step] = [*BAD, *([cut_midway] if step != "create" else []), cut_after]
        outcomes = await life(door, tmp_path, requests)
        assert all(outcome.call for outcome in outcomes)
        assert not door.breaks[step]
        assert (await door.counted("/counters/batches"))["batches"] == 1
        assert await door.paid() == [1] * 10
        assert ledger(tmp_path, requests) == (10, 10, 0, 0)

    with_batches(scenario)


def test_a_file_that_breaks_off_is_read_again_and_settled_once(tmp_path: Path) -> None:
    requests = asks(500)

    async def scenario(door: Door) -> None:
        cap = account(tmp_path, 100.0)
        door.breaks["content"] = [cut_midway]
        outcomes = await life(door, tmp_path, requests, cap)
        assert door.steps["content"] == 2
        cost = sum(outcome.call.cost_usd or 0 for outcome in outcomes if outcome.call)
        assert charged(tmp_path) == pytest.approx(cost)

    with_batches(scenario)


def account(folder: Path, usd: float, calls: int = 1000) -> Cap:
    """A budget of the plan of the first `calls` requests."""
    folder.mkdir(exist_ok=True)
    journal = Journal(folder / "calls.sqlite")
    journal.open_account("p", {request.call_id: Charge() for request in asks(calls)})
    journal.close()
    return Cap(plan_id="p", usd=usd)


def charged(folder: Path) -> float:
    journal = Journal(folder / "calls.sqlite")
    [(usd,)] = journal._run("SELECT usd FROM accounts WHERE ? IS NOT NULL", ["p"])
    journal.close()
    return float(usd)


def test_a_budget_is_kept_and_used(tmp_path: Path) -> None:
    """What a batch has not cost of its worst case is there for the next one; a higher budget continues."""
    requests = asks(60)

    async def scenario(door: Door) -> None:
        whole = await life(door, tmp_path / "free", requests)
        cost = sum(outcome.call.cost_usd or 0 for outcome in whole if outcome.call)
        paid = len(await door.paid())
        limit = cost * 0.6
        first = await life(door, tmp_path, requests, account(tmp_path, limit))
        spent = sum(outcome.call.cost_usd or 0 for outcome in first if outcome.call)
        assert {outcome.pending for outcome in first if not outcome.call} == {OVER_BUDGET}
        worst = 512 * 10e-6 + 0.002
        assert limit - worst < spent <= charged(tmp_path) + 1e-9 <= limit + 2e-9
        again = await life(door, tmp_path, requests, account(tmp_path, 1.0))
        assert all(outcome.call for outcome in again)
        assert set(await door.paid()) == {2}, "by the two journals of this test, once each"
        assert paid == 60

    with_batches(scenario)


def test_taking_up_a_batch_of_another_plan_leaves_this_ones_budget_alone(tmp_path: Path) -> None:
    """Each of its calls gave back what had never been reserved, and the cap was exceeded."""

    async def scenario(door: Door) -> None:
        abandoned = teacher(door, tmp_path)
        await abandoned.expect(asks(40))
        while not door.steps["create"]:
            await asyncio.sleep(0.01)
        await abandoned.close()
        outcomes = await life(door, tmp_path, asks(10), account(tmp_path, 1.0, calls=10))
        cost = sum(outcome.call.cost_usd or 0 for outcome in outcomes if outcome.call)
        assert charged(tmp_path) == pytest.approx(cost)
        assert ledger(tmp_path, asks(40)) == (40, 40, 0, 0), "the others are there for whoever asks"
        assert (await door.counted("/counters/batches"))["lines"] == 40

    with_batches(scenario, seconds_per_line=0.002)


def test_one_batch_serves_all_who_ask(tmp_path: Path) -> None:
    """Shards ask for their calls one by one; what is expected beforehand is one batch."""
    requests = asks(40)

    async def scenario(door: Door) -> None:
        asked = teacher(door, tmp_path)
        await asked.expect(requests)
        shards = await asyncio.gather(*(asked.answer(requests[at : at + 10]) for at in (0, 5, 15, 30)))
        assert all(outcome.call for shard in shards for outcome in shard)
        assert (await door.counted("/counters/batches"))["batches"] == 1
        assert (await asked.state()).completed == 40
        await asked.close()

    with_batches(scenario)


@pytest.mark.parametrize("changed", [{"max_in_flight": 10}, {"batch_size": 10, "tries": 20}])
def test_an_endpoint_that_queues_only_so_much(tmp_path: Path, changed: dict[str, int]) -> None:
    """Known beforehand or found out: what it refuses for now is asked again when another batch has ended."""
    requests = asks(40)

    async def scenario(door: Door) -> None:
        outcomes = await life(door, tmp_path, requests, **changed)
        assert all(outcome.call for outcome in outcomes)
        assert await door.paid() == [1] * 40
        _, answered, failed, unknown = ledger(tmp_path, requests)
        assert (answered, unknown) == (40, 0)
        assert (failed == 0) == ("max_in_flight" in changed)

    with_batches(scenario, most_queued=10, seconds_per_line=0.002)


def test_a_batch_is_asked_for_in_the_name_of_whom_a_call_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches went without the organisation and project that the SDK takes from the environment: billed elsewhere."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-ours")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-ours")

    async def scenario(door: Door) -> None:
        assert all(outcome.call for outcome in await life(door, tmp_path, asks(2)))
        assert door.headers.keys() == {"upload", "create", "poll", "content"}
        for headers in door.headers.values():
            assert (headers["OpenAI-Organization"], headers["OpenAI-Project"]) == ("org-of-ours", "proj-of-ours")
        assert door.headers["upload"]["Content-Type"].startswith("multipart/form-data; boundary=")

    with_batches(scenario)

"""What a budget lets be sent: who waits, who is let in, and that nobody waits for ever."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from schemas.budget import NOTHING, Cap, Charge, both, larger_excess
from schemas.call import OVER_BUDGET, Call, CallEnd, Message, Sampling, SendEnd, Usage
from schemas.errors import DiskTrouble
from tasks.asking.reservations import Reservations
from warehouse.journal import Journal
from warehouse.journal_group import OverBudget

WORST = Charge(tokens=100, usd=0.25)
TOKENS, USD = Cap(plan_id="p", tokens=250), Cap(plan_id="p", usd=0.63)
CALL = Call(
    call_id="a",
    endpoint="https://teacher.test/v1",
    model_asked="m",
    model_answered="m",
    messages=(Message(role="user", content="2+2?"),),
    sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
    sample_index=0,
    fresh="",
    ended=CallEnd.ANSWERED,
    error=None,
    raw_response=b"{}",
    content="4",
    reasoning=None,
    finish_reason="stop",
    usage=Usage(),
    cost_usd=None,
    latency_s=0.5,
    tries=1,
)


def run(path: Path, cap: Cap, life: Callable[[Reservations], Awaitable[None]]) -> Charge:
    """What the account is charged with after a life, which nobody may spend waiting."""

    async def within_time() -> None:
        async with asyncio.timeout(20):
            await life(Reservations(journal))

    with closing(Journal(path, cap)) as journal:
        journal.open_account("p", {})
        asyncio.run(within_time())
        return journal.open_account("p", {})


async def waits(task: "asyncio.Task[int | Call | str]") -> None:
    """Hold it to be waiting: the journal has long answered."""
    await asyncio.wait([task], timeout=0.1)
    assert not task.done()


@pytest.mark.parametrize("cap", [TOKENS, USD])
@pytest.mark.parametrize(
    ("outcome", "spent", "found"),
    [
        (SendEnd.ANSWERED, Charge(tokens=50, usd=0.125), 1),
        (SendEnd.FAILED, Charge(), 1),
        (SendEnd.UNKNOWN, Charge(), OVER_BUDGET),  # perhaps paid for
        (SendEnd.ANSWERED, Charge(tokens=100, usd=0.25), OVER_BUDGET),
        (None, Charge(), OVER_BUDGET),  # given up
    ],
)
def test_who_finds_no_room_waits_for_what_is_in_flight(
    tmp_path: Path, cap: Cap, outcome: SendEnd | None, spent: Charge, found: object
) -> None:
    async def life(reservations: Reservations) -> None:
        assert [await reservations.reserve(call_id, WORST) for call_id in "ab"] == [1, 1]
        late = [asyncio.create_task(reservations.reserve(call_id, WORST)) for call_id in "cd"]
        for task in late:
            await waits(task)
        if outcome:
            await reservations.settle("a", 1, outcome, "why", None, spent)
        else:
            reservations.abandon("a", 1)
        for task in late[found == 1 :]:
            await waits(task)
        await reservations.settle("b", 1, SendEnd.UNKNOWN, "cut", None, Charge())
        if found == 1:
            assert await late[0] == 1
            await waits(late[1])
            await reservations.settle("c", 1, SendEnd.UNKNOWN, "cut", None, Charge())
        assert [await task for task in late[found == 1 :]] == [OVER_BUDGET] * (2 - (found == 1))
        assert reservations.reached
        assert await reservations.reserve("e", Charge(tokens=1, usd=0.001)) == OVER_BUDGET, "for good"

    left = 0 if outcome is SendEnd.FAILED else spent.tokens if spent.tokens is not None else 100
    assert run(tmp_path / "calls.sqlite", cap, life).tokens == left + 100 + (100 if found == 1 else 0)


def test_what_is_settled_while_the_journal_looks_may_have_made_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is in flight any more by then, which is no proof that the budget is spent."""

    async def life(reservations: Reservations) -> None:
        assert await reservations.reserve("a", Charge(tokens=200)) == 1
        ask, found = reservations._journal.reserve, asyncio.Event()

        async def slowly(call_id: str, worst: Charge) -> int | Call | OverBudget:
            answer = await ask(call_id, worst)
            monkeypatch.setattr(reservations._journal, "reserve", ask)
            found.set()
            await asyncio.sleep(0.1)
            return answer

        monkeypatch.setattr(reservations._journal, "reserve", slowly)
        late = asyncio.create_task(reservations.reserve("b", WORST))
        await found.wait()
        await reservations.settle("a", 1, SendEnd.FAILED, "server_error: HTTP 500", None, Charge())
        assert await late == 1

    run(tmp_path / "calls.sqlite", TOKENS, life)
    with closing(sqlite3.connect(tmp_path / "calls.sqlite")) as db:
        assert db.execute("SELECT error FROM sends ORDER BY call_id").fetchall() == [
            ("server_error: HTTP 500",),
            (None,),
        ]


def test_what_is_answered_is_given_back_without_room(tmp_path: Path) -> None:
    async def life(reservations: Reservations) -> None:
        assert await reservations.reserve("a", WORST) == 1
        await reservations.settle("a", 1, SendEnd.ANSWERED, None, CALL, Charge(tokens=250, usd=0.625))
        assert await reservations.reserve("a", WORST) == CALL
        assert not reservations.reached

    run(tmp_path / "calls.sqlite", TOKENS, life)


@pytest.mark.parametrize(("cap", "spent"), [(TOKENS, Charge(tokens=151)), (USD, Charge(usd=0.381))])
def test_a_call_that_cost_more_than_its_worst_case_makes_the_later_ones_reserve_more(
    tmp_path: Path, cap: Cap, spent: Charge
) -> None:
    """Else each of those in flight could exceed the cap by as much."""

    async def life(reservations: Reservations) -> None:
        assert await reservations.reserve("a", Charge(tokens=100, usd=0.25)) == 1
        await reservations.settle("a", 1, SendEnd.ANSWERED, None, None, spent)
        assert await reservations.reserve("b", Charge(tokens=49, usd=0.124)) == OVER_BUDGET

    run(tmp_path / "calls.sqlite", cap, life)


@pytest.mark.parametrize(
    "breaks",
    [
        lambda reservations: reservations.settle("b", 1, SendEnd.UNKNOWN, "cut", None, Charge()),
        lambda reservations: reservations.reserve("d", WORST),
    ],
    ids=["settle", "reserve"],
)
def test_a_disk_that_takes_nothing_more_leaves_nobody_waiting(
    tmp_path: Path, breaks: Callable[[Reservations], Awaitable[object]]
) -> None:
    async def life(reservations: Reservations) -> None:
        journal = reservations._journal
        assert [await reservations.reserve(call_id, WORST) for call_id in "ab"] == [1, 1]
        late = asyncio.create_task(reservations.reserve("c", WORST))
        await waits(late)
        reservations.abandon("a", 1)
        await waits(late)
        journal._run("PRAGMA query_only = ON")
        with pytest.raises(DiskTrouble):
            await breaks(reservations)
        with suppress(DiskTrouble):
            await late
        journal._run("PRAGMA query_only = OFF")

    run(tmp_path / "calls.sqlite", TOKENS, life)


@pytest.mark.parametrize(
    ("one", "other", "sum_of_both"),
    [
        (Charge(tokens=1, usd=0.5), Charge(tokens=2, usd=0.25), Charge(tokens=3, usd=0.75)),
        (Charge(tokens=1), Charge(tokens=2, usd=0.25), Charge(tokens=3)),
        (Charge(usd=0.5), Charge(tokens=2, usd=0.25), Charge(usd=0.75)),
    ],
)
def test_a_sum_is_known_where_both_are(one: Charge, other: Charge, sum_of_both: Charge) -> None:
    assert both(one, other) == both(other, one) == sum_of_both


@pytest.mark.parametrize(
    ("known", "worst", "spent", "excess"),
    [
        (NOTHING, WORST, Charge(tokens=90, usd=0.125), NOTHING),
        (NOTHING, WORST, Charge(tokens=120, usd=0.125), Charge(tokens=20, usd=0.0)),
        (Charge(tokens=30, usd=0.125), WORST, Charge(tokens=120, usd=0.5), Charge(tokens=30, usd=0.25)),
        (Charge(tokens=30, usd=0.125), WORST, Charge(), Charge(tokens=30, usd=0.125)),
    ],
)
def test_the_largest_excess_is_kept(known: Charge, worst: Charge, spent: Charge, excess: Charge) -> None:
    assert larger_excess(known, worst, spent) == excess

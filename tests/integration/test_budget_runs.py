"""The budget in seeded runs: never exceeded, whatever the lengths, and a higher one continues."""

import asyncio
import random
from pathlib import Path

import pytest

from schemas.budget import Cap, Charge
from schemas.call import OVER_BUDGET, SendEnd
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reservations import Reservations
from tasks.asking.teacher import Teacher
from tests.integration.hostile import Hostile, ask, limiter, on_loopback, settings
from warehouse.journal import Journal


class Endpoint:
    """Answers at random lengths, some not at all; knows what it has earned."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.earned = 0.0
        self.answered: set[str] = set()

    async def call(self, admission: Reservations, call_id: str) -> str | None:
        """None, or why it was not sent."""
        found = await admission.reserve(call_id, Charge(tokens=1000, usd=0.001))
        if isinstance(found, str):
            return found
        assert isinstance(found, int)
        await asyncio.sleep(0)
        kind, tokens = self.chance.random(), self.chance.randint(1, 1000)
        if kind < 0.05:
            await admission.settle(call_id, found, SendEnd.FAILED, "refused", None, Charge())
        elif kind < 0.1:
            self.earned += tokens * 1e-6
            await admission.settle(call_id, found, SendEnd.UNKNOWN, "cut", None, Charge())
        else:
            assert call_id not in self.answered, "paid twice"
            self.answered.add(call_id)
            self.earned += tokens * 1e-6
            spent = Charge(tokens=tokens, usd=tokens * 1e-6)
            await admission.settle(call_id, found, SendEnd.ANSWERED, None, None, spent)
        return None


def run(path: Path, endpoint: Endpoint, cap: Cap, calls: list[str], in_flight: int) -> tuple[int, Charge]:
    """One run of two processes over the calls; how many were left, and the account after."""

    async def worker(admission: Reservations, due: list[str]) -> int:
        left = 0
        while due:
            left += await endpoint.call(admission, due.pop()) == OVER_BUDGET
        return left

    async def all_of_them() -> int:
        journals = [Journal(path, cap) for _ in range(2)]
        journals[0].open_account(cap.plan_id, dict.fromkeys(calls, Charge()))
        due = [call_id for call_id in calls if call_id not in endpoint.answered]
        shares = [due[part::2] for part in range(2)]
        admissions = [Reservations(journal) for journal in journals]
        pairs = [pair for pair in zip(admissions, shares, strict=True) for _ in range(in_flight // 2)]
        left = await asyncio.gather(*(worker(admission, share) for admission, share in pairs))
        for journal in journals:
            journal.close()
        return sum(left)

    left = asyncio.run(all_of_them())
    journal = Journal(path)
    charged = journal.open_account(cap.plan_id, dict.fromkeys(calls, Charge()))
    journal.close()
    return left, charged


@pytest.mark.parametrize("seed", range(20))
def test_it_is_never_exceeded_and_a_higher_one_continues(seed: int, tmp_path: Path) -> None:
    """A cap of 50.4 mean calls over 120; each run leaves no more of it than a worst case."""
    endpoint, calls = Endpoint(seed), [f"{i}" for i in range(120)]
    cap = Cap(plan_id="p", usd=50.4 * 0.0005)
    left, charged = run(tmp_path / "calls.sqlite", endpoint, cap, calls, in_flight=8)
    assert left > 0
    assert endpoint.earned - 1e-12 <= (charged.usd or 0) <= 50.4 * 0.0005
    assert (charged.usd or 0) > 49.4 * 0.0005 - 0.001, "two processes may each leave a worst case"
    first = len(endpoint.answered)
    higher = Cap(plan_id="p", usd=1.0)
    left, charged = run(tmp_path / "calls.sqlite", endpoint, higher, calls, in_flight=8)
    assert left == 0
    assert len(endpoint.answered) > first
    assert endpoint.earned - 1e-12 <= (charged.usd or 0)


def test_control_without_the_cap_it_is_exceeded(tmp_path: Path) -> None:
    endpoint, calls = Endpoint(1), [f"{i}" for i in range(120)]
    left, _ = run(tmp_path / "calls.sqlite", endpoint, Cap(plan_id="p"), calls, in_flight=8)
    assert left == 0
    assert endpoint.earned > 50.4 * 0.0005


def test_a_teacher_stops_at_the_budget_and_lands_what_is_in_flight(tmp_path: Path) -> None:
    """500.4 calls of the usage that the endpoint reports; of 600, 100 wait for a higher cap, and none is sent twice."""
    path, requests = tmp_path / "calls.sqlite", [ask(f"{n} brief") for n in range(600)]

    async def life(server: Hostile, cap: Cap) -> list[str | None]:
        journal = Journal(path)
        journal.open_account("p", {request.call_id: Charge() for request in requests})
        journal.close()
        asked = Teacher(settings(timeout_s=30), TeacherAddress(server.base_url), path, limiter(64), cap)
        outcomes = await asked.answer(requests)
        await asked.close()
        return [outcome.pending for outcome in outcomes if not outcome.call]

    async def scenario(server: Hostile) -> None:
        pending = await life(server, Cap(plan_id="p", usd=500.4 * 0.0018))
        sent = sum(server.sent.values())
        assert set(pending) == {OVER_BUDGET}
        assert len(pending) == 600 - sent
        assert 498 <= sent <= 500, "a call is let in only while its worst case fits"
        assert await life(server, Cap(plan_id="p", usd=2.0)) == []
        assert set(server.sent.values()) == {1}

    on_loopback(scenario)


def test_a_program_that_breaks_leaves_nobody_waiting_for_what_it_had_reserved(tmp_path: Path) -> None:
    """Who had no room waited for ever for a send that would never be heard of; what it may cost stays charged."""
    path, requests = tmp_path / "calls.sqlite", [ask("one"), ask("another")]

    def breaks(body: bytes) -> bytes:
        raise MemoryError("no room for the weights")

    async def life() -> None:
        journal = Journal(path)
        journal.open_account("p", {request.call_id: Charge() for request in requests})
        journal.close()
        cap = Cap(plan_id="p", tokens=700)
        address = TeacherAddress("student")
        asked = Teacher(settings(max_tokens=64), address, path, limiter(2), cap, load=lambda: breaks)
        try:
            async with asyncio.timeout(10):
                await asked.answer(requests)
        finally:
            await asked.close()

    with pytest.raises(MemoryError):
        asyncio.run(life())
    journal = Journal(path)
    assert journal.unresolved()[0] == 1
    journal.close()

"""The limiter: slots, order, rhythm, and one pace for several processes."""

import asyncio
from time import monotonic

import pytest

from tasks.asking.aimd import Observation, Permit
from tasks.asking.rate_limiter import Observations, RateLimiter, SharedController


class Fixed:
    """A controller that always says the same."""

    def __init__(self, slots: int = 100, per_s: float | None = None, pause_s: float = 0.0) -> None:
        self.allowed = Permit(slots, per_s, monotonic() + pause_s)
        self.news: list[Observations] = []

    async def allow(self, who: int, observations: Observations) -> Permit:
        self.news.append(observations)
        return self.allowed


async def pass_through(
    limiter: RateLimiter, log: list[str], name: str, stay_s: float = 0.0, again: bool = False
) -> None:
    await limiter.acquire(100, again)
    log.append(name)
    at = await limiter.sends()
    await asyncio.sleep(stay_s)
    await limiter.release(Observation(at, monotonic()))


def test_slots_and_order() -> None:
    """A call that goes again is let in before those that wait for their first time."""

    async def scenario() -> list[str]:
        limiter, log = RateLimiter(Fixed(slots=1)), []
        first = asyncio.create_task(pass_through(limiter, log, "a", stay_s=0.02))
        await asyncio.sleep(0)
        names = ("b", "c", "again")
        rest = [asyncio.create_task(pass_through(limiter, log, name, again=name == "again")) for name in names]
        await asyncio.gather(first, *rest)
        return log

    assert asyncio.run(scenario()) == ["a", "again", "b", "c"]


@pytest.mark.parametrize(
    ("controller", "tokens_per_s", "seconds"),
    [
        (Fixed(), None, 0.0),
        (Fixed(per_s=100), None, 0.25),
        (Fixed(), 10_000.0, 0.25),
        (Fixed(pause_s=0.3), None, 0.3),
    ],
)
def test_rhythm(controller: Fixed, tokens_per_s: float | None, seconds: float) -> None:
    """30 calls of 100 tokens, the first few at once."""
    controller.allowed = Permit(
        controller.allowed.slots, controller.allowed.per_s, monotonic() + 0.3 if seconds == 0.3 else 0.0
    )

    async def scenario() -> float:
        limiter, began = RateLimiter(controller, tokens_per_s=tokens_per_s), monotonic()
        await asyncio.gather(*(pass_through(limiter, [], "x") for _ in range(30)))
        return monotonic() - began

    assert seconds - 0.05 <= asyncio.run(scenario()) < seconds + 2  # on a busy machine


def test_what_was_let_in_in_time_does_not_go_out_all_at_once() -> None:
    """Regression: calls that waited for one commit of the journal went out together, and were refused at any rate."""

    async def scenario() -> list[float]:
        limiter = RateLimiter(Fixed(per_s=100))
        stall = asyncio.Event()

        async def one() -> float:
            await limiter.acquire()
            await stall.wait()
            at = await limiter.sends()
            await limiter.release(None)
            return at

        calls = [asyncio.create_task(one()) for _ in range(20)]
        await asyncio.sleep(0.25)
        stall.set()
        return sorted(await asyncio.gather(*calls))

    sent = asyncio.run(scenario())
    assert sent[-1] - sent[0] > 0.15


def test_what_a_call_did_not_use_is_given_back() -> None:
    async def scenario() -> float:
        limiter, began = RateLimiter(Fixed(slots=1), tokens_per_s=1000.0), monotonic()
        for _ in range(5):
            await limiter.acquire(1000)
            await limiter.release(None, more_tokens=-1000)
        return monotonic() - began

    assert asyncio.run(scenario()) < 2, "four seconds when it is not"


def test_who_gives_up_waiting_holds_no_slot() -> None:
    async def scenario() -> None:
        limiter = RateLimiter(Fixed(slots=1))
        await limiter.acquire()
        waiting = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        next_one = asyncio.create_task(limiter.acquire())
        await limiter.release(None)
        await asyncio.wait_for(next_one, 10)

    asyncio.run(scenario())


def test_an_opened_gate_keeps_nobody() -> None:
    async def scenario() -> None:
        limiter = RateLimiter(Fixed(slots=1, per_s=0.01))
        waiting = [asyncio.create_task(limiter.acquire()) for _ in range(50)]
        await asyncio.sleep(0)
        limiter.open()
        await asyncio.wait_for(asyncio.gather(*waiting), 10)

    asyncio.run(scenario())


def test_several_limiters_share_one_controller() -> None:
    """One is refused, and all have fewer slots, a rate, and wait."""

    async def scenario() -> None:
        shared = SharedController(10, None, parts=3)
        nothing = Observations((), ())
        assert [(await shared.allow(who, nothing)).slots for who in range(3)] == [4, 3, 3]
        now = monotonic()
        observations = Observations((now,), (Observation(now, now, refused=True, retry_after_s=5.0),))
        told = [await shared.allow(who, observations if who == 0 else nothing) for who in range(3)]
        assert [allowed.slots for allowed in told] == [3, 2, 2]
        assert all(allowed.not_before == now + 5.0 for allowed in told)
        for second in range(9, 90, 3):
            lost = Observation(now + second, now + second, late=True)
            told = [await shared.allow(0, Observations((), (lost,)))] + [
                await shared.allow(who, nothing) for who in (1, 2)
            ]
        assert [allowed.slots for allowed in told] == [1, 1, 1], "none is left without a slot"

    asyncio.run(scenario())


def test_news_that_comes_while_telling_is_told() -> None:
    class Slow(Fixed):
        async def allow(self, who: int, observations: Observations) -> Permit:
            await asyncio.sleep(0.01)
            return await super().allow(who, observations)

    async def scenario() -> Slow:
        controller = Slow(slots=4)
        limiter = RateLimiter(controller)
        await asyncio.gather(*(pass_through(limiter, [], "x") for _ in range(20)))
        await asyncio.sleep(0.03)
        return controller

    controller = asyncio.run(scenario())
    assert sum(len(observations.ended) for observations in controller.news) == 20
    assert sum(len(observations.sent) for observations in controller.news) == 20
    assert len(controller.news) < 20, "told together"

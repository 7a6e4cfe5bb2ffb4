"""The pace: every decision from a list of what calls have met, without a clock."""

import random

import pytest

from tasks.pace import MOST, START, Beat, Pace


def answered(pace: Pace, n: int, at: float, took_s: float = 0.2, **more: bool | int) -> None:
    for _ in range(n):
        pace.ended(Beat(at - took_s, at, **more))  # type: ignore[arg-type]


def slots(pace: Pace) -> int:
    return pace.allowance(0.0).slots


def test_it_starts_where_it_is_told_and_never_exceeds_it() -> None:
    pace = Pace(64)
    assert slots(pace) == 64
    answered(pace, 1000, at=1)
    assert slots(pace) == 64


def test_it_doubles_per_round_trip_until_something_is_refused() -> None:
    pace = Pace(None)
    for trip in range(3):
        assert slots(pace) == START * 2**trip
        answered(pace, slots(pace), at=1 + trip)
    pace.ended(Beat(4, 4.1, refused=True))
    assert slots(pace) == 192
    answered(pace, 50, at=5)
    assert slots(pace) == 194, "one more per 25 successes"


def test_it_ends_somewhere() -> None:
    pace = Pace(None)
    answered(pace, 5000, at=1)
    assert slots(pace) == MOST


def test_answers_say_nothing_about_slots_that_were_free() -> None:
    pace = Pace(None)
    answered(pace, 100, at=1, full=False)
    assert slots(pace) == START


@pytest.mark.parametrize("met", ["refused", "late"])
def test_a_burst_costs_one_decrease(met: str) -> None:
    """Also from calls that were sent before it and end long after; what is sent later starts another."""
    pace = Pace(100)
    for ended_at in (1.0, 1.1, 9.0):
        pace.ended(Beat(0.5, ended_at, **{met: True}))
    assert slots(pace) == 75
    pace.ended(Beat(10.0, 10.2, **{met: True}))
    assert slots(pace) == 56


def test_it_never_ends_below_its_floor() -> None:
    pace = Pace(8, floor=3)
    for second in range(0, 60, 2):
        pace.ended(Beat(second, second + 0.1, refused=True))
    assert slots(pace) == 3
    answered(pace, 100, at=100)
    assert slots(pace) == 4


def test_it_remembers_its_ceiling() -> None:
    pace = Pace(None)
    pace.ended(Beat(0, 1, refused=True))
    answered(pace, 25 * 8, at=3)
    assert slots(pace) == START
    answered(pace, 99, at=3)
    assert slots(pace) == START
    answered(pace, 1, at=3)
    assert slots(pace) == START + 1


def test_everybody_waits_for_retry_after() -> None:
    pace = Pace(8)
    pace.ended(Beat(0.0, 10.0, refused=True, retry_after_s=3.0))
    pace.ended(Beat(0.0, 10.1, refused=True, retry_after_s=1.0))
    assert pace.allowance(10.1).not_before == 13.0


def test_latency_that_doubles_is_congestion_once() -> None:
    pace = Pace(32)
    answered(pace, 320, at=1, took_s=1.0)
    answered(pace, 96, at=10, took_s=2.5)
    assert 24 <= slots(pace) <= 27
    answered(pace, 320, at=20, took_s=2.5)
    assert slots(pace) == 32, "what stays slow is what is usual"


@pytest.mark.parametrize(("took_s", "tokens"), [(2.5, 250), (1.0, 10), (1.9, 100)])
def test_longer_answers_are_no_congestion(took_s: float, tokens: int) -> None:
    pace = Pace(32)
    answered(pace, 320, at=1, took_s=1.0, tokens=100)
    answered(pace, 320, at=10, took_s=took_s, tokens=tokens)
    assert slots(pace) == 32


def test_the_rate_is_what_was_accepted_and_rises_again() -> None:
    """60 of 100 in the first second, with Retry-After; the known-bad one is a rate from the first refusal alone."""
    pace = Pace(100)
    assert pace.allowance(0).per_s is None
    for i in range(100):
        pace.sent(i / 100)
    for i in range(60, 100):
        pace.ended(Beat(i / 100, 1.0, refused=True, retry_after_s=1.0))
        if i == 60:
            assert pace.allowance(2.0).per_s == pytest.approx(0.95 * 99, rel=0.01)
    rates = [pace.allowance(2.0 + second).per_s or 0.0 for second in range(30)]
    assert rates[0] == pytest.approx(57)
    assert rates == sorted(rates)
    assert 58 < rates[4] < 61 < rates[8] < 65
    assert rates[29] > 400, "a bound that was too low does not last"


def test_without_a_window_the_rate_is_that_of_the_time_there_was() -> None:
    pace = Pace(100)
    for i in range(100):
        pace.sent(i / 1000)
    pace.ended(Beat(0.099, 0.2, refused=True))
    assert pace.allowance(0.2).per_s == pytest.approx(0.95 * 99 / 0.2, rel=0.01)


def test_a_fixed_rate_holds_whatever_is_met() -> None:
    pace = Pace(8, per_minute=120)
    assert pace.allowance(0).per_s == 2
    answered(pace, 1000, at=1)
    assert pace.allowance(0).per_s == 2


@pytest.mark.parametrize("bears", [5, 40, 300])
def test_it_settles_near_what_a_server_bears(bears: int) -> None:
    """A server that refuses what exceeds `bears` at once, simulated by round trips of one second."""
    pace, chance, served = Pace(None), random.Random(1), 0
    for second in range(200):
        sent = slots(pace)
        refused = max(sent - bears, 0)
        for i in chance.sample(range(sent), sent):
            pace.ended(Beat(float(second), second + 0.99, refused=i < refused))
        served += min(sent, bears) if second >= 20 else 0
    assert served > 0.75 * 180 * bears

"""The pace: every decision from a list of what calls have met, without a clock."""

import random

import pytest

from tasks.asking.aimd import MOST, START, AIMDController, Observation


def answered(pace: AIMDController, n: int, at: float, took_s: float = 0.2, **more: bool | int) -> None:
    for _ in range(n):
        pace.ended(Observation(at - took_s, at, **more))  # type: ignore[arg-type]


def slots(pace: AIMDController) -> int:
    return pace.permit(0.0).slots


def test_it_starts_where_it_is_told_and_never_exceeds_it() -> None:
    pace = AIMDController(64)
    assert slots(pace) == 64
    answered(pace, 1000, at=1)
    assert slots(pace) == 64


def test_it_doubles_per_round_trip_until_something_is_refused() -> None:
    pace = AIMDController(None)
    for trip in range(5):
        assert slots(pace) == START * 2**trip
        answered(pace, max(slots(pace), 8), at=1 + trip)
    pace.ended(Observation(9, 9.1, refused=True))
    assert slots(pace) == 96
    for trip in range(10):
        answered(pace, 96, at=11 + trip)
        assert slots(pace) == 96, "for a while"
    answered(pace, 96, at=30)
    assert slots(pace) == 192


def test_it_ends_somewhere() -> None:
    pace = AIMDController(None)
    for trip in range(20):
        answered(pace, slots(pace), at=1 + trip)
    assert slots(pace) == MOST


def served(
    pace: AIMDController, slots: int, calls: int, spread: float = 0.0, timeout_s: float = 30.0
) -> tuple[int, int, float]:
    """Late answers, the most in flight, and the share of the time that was lost, with a server that takes 3 s an
    answer, so many at once. Longer answers take longer, by `spread`.
    """
    chance, now = random.Random(1), 0.0
    queue: list[float] = []
    busy: list[tuple[float, float, int]] = []
    late = most = tokens_in_all = 0
    while len(queue) + len(busy) or calls:
        new = min(pace.permit(now).slots - len(queue) - len(busy), calls)
        queue += [now] * new
        calls -= max(new, 0)
        most = max(most, len(queue) + len(busy))
        while queue and len(busy) < slots:
            tokens = int(100 * (1 + spread * chance.expovariate(1)))
            busy.append((now + 0.03 * tokens, queue.pop(0), tokens))
        busy.sort()
        now, sent_at, tokens = busy.pop(0)
        tokens_in_all += tokens
        late += now - sent_at > timeout_s
        pace.ended(Observation(sent_at, now, late=now - sent_at > timeout_s, tokens=tokens))
    return late, most, now / (0.03 * tokens_in_all / slots) - 1


@pytest.mark.parametrize(("bears", "calls", "spread"), [(1, 40, 0), (4, 40, 0), (4, 400, 0.5), (32, 2000, 0)])
def test_a_slow_server_is_kept_busy_and_nothing_is_late(bears: int, calls: int, spread: float) -> None:
    """Regression: 32 in flight from the start on a server with one slot, where most were late and sent again."""
    late, most, lost = served(AIMDController(None, timeout_s=30), bears, calls, spread)
    assert late == 0
    assert most <= max(8, 5 * bears)
    assert lost < 0.1


def test_a_start_that_is_too_high_is_late() -> None:
    """The control of the test above."""
    assert served(AIMDController(32, timeout_s=30), 1, 40)[0] > 20


def test_a_server_that_is_away_is_looked_for_by_one_call_alone_and_ever_more_seldom() -> None:
    pace, now = AIMDController(64), 10.0
    waits = []
    for _ in range(7):
        pace.ended(Observation(now, now, away=True))
        pace.ended(Observation(now, now, away=True))  # one that was sent beside it says nothing more
        permit = pace.permit(now)
        assert permit.slots == 1
        waits.append(permit.not_before - now)
        now = permit.not_before
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    answered(pace, 1, at=now)
    assert pace.permit(now).not_before <= now, "nobody waits for the next look, now that there was an answer"
    assert slots(pace) == 64


def test_a_look_is_no_earlier_than_was_asked_for() -> None:
    pace = AIMDController(64)
    pace.ended(Observation(10, 10, away=True, retry_after_s=20.0))
    assert pace.permit(10).not_before == 30


def test_answers_say_nothing_about_slots_that_were_free() -> None:
    pace = AIMDController(None)
    answered(pace, 100, at=1, full=False)
    assert slots(pace) == START


@pytest.mark.parametrize("met", ["refused", "late"])
def test_a_burst_costs_one_decrease(met: str) -> None:
    """Also from calls that were sent before it and end long after; what is sent later starts another."""
    pace = AIMDController(100)
    for ended_at in (1.0, 1.1, 9.0):
        pace.ended(Observation(0.5, ended_at, **{met: True}))
    assert slots(pace) == 75
    pace.ended(Observation(10.0, 10.2, **{met: True}))
    assert slots(pace) == 56


def test_it_never_ends_below_its_floor() -> None:
    pace = AIMDController(8, floor=3)
    for second in range(0, 60, 2):
        pace.ended(Observation(second, second + 0.1, refused=True))
    assert slots(pace) == 3
    answered(pace, 100, at=100)
    assert slots(pace) == 4


def test_it_remembers_its_ceiling() -> None:
    pace = AIMDController(64)
    for at in (1, 3):
        pace.ended(Observation(at - 0.5, at, refused=True))
    assert slots(pace) == 36
    answered(pace, 25 * 12, at=5)
    assert slots(pace) == 48
    answered(pace, 99, at=5)
    assert slots(pace) == 48
    answered(pace, 1, at=5)
    assert slots(pace) == 49


def test_everybody_waits_for_retry_after() -> None:
    pace = AIMDController(8)
    pace.ended(Observation(0.0, 10.0, refused=True, retry_after_s=3.0))
    pace.ended(Observation(0.0, 10.1, refused=True, retry_after_s=1.0))
    assert pace.permit(10.1).not_before == 13.0


def test_latency_that_doubles_is_congestion_once() -> None:
    pace = AIMDController(32)
    answered(pace, 320, at=1, took_s=1.0)
    answered(pace, 96, at=10, took_s=2.5)
    assert 24 <= slots(pace) <= 27
    answered(pace, 320, at=20, took_s=2.5)
    assert slots(pace) == 32, "what stays slow is what is usual"


@pytest.mark.parametrize(("took_s", "tokens"), [(2.5, 250), (1.0, 10), (1.9, 100)])
def test_longer_answers_are_no_congestion(took_s: float, tokens: int) -> None:
    pace = AIMDController(32)
    answered(pace, 320, at=1, took_s=1.0, tokens=100)
    answered(pace, 320, at=10, took_s=took_s, tokens=tokens)
    assert slots(pace) == 32


def test_the_rate_is_what_was_accepted_and_rises_again() -> None:
    """60 of 64 that were sent at once; the four were refused while the others were under way."""
    pace = AIMDController(100)
    assert pace.permit(0).per_s is None
    for i in range(64):
        pace.sent(1 + i / 1000)
    for i in range(60, 64):
        pace.ended(Observation(1 + i / 1000, 1.1, refused=True, retry_after_s=1.0))
    assert pace.permit(1.2).not_before == 2.1
    rates = [pace.permit(2.1 + second).per_s or 0.0 for second in range(30)]
    assert rates[0] == pytest.approx(0.97 * 54)
    assert rates == sorted(rates)
    assert 57 < rates[6] < 60 < rates[11] < 61 < rates[14] < 80
    assert rates[29] > 300, "a bound that was too low does not last"


@pytest.mark.parametrize(("refused", "learned"), [((5, 20, 40, 63), False), ((60, 61, 62, 63), True), ((63,), False)])
def test_without_a_time_to_wait_only_refusals_in_a_row_speak_of_a_rate(refused: tuple[int, ...], learned: bool) -> None:
    pace = AIMDController(100)
    for i in range(64):
        pace.sent(1 + i / 1000)
    for i in refused:
        pace.ended(Observation(1 + i / 1000, 1.1, refused=True))
    assert (pace.permit(2.1).per_s is not None) is learned


@pytest.mark.parametrize(("retry_after_s", "least"), [(0.0, 100), (0.01, 30), (1.0, 7)])
def test_refusals_at_random_do_not_wear_the_rate_down(retry_after_s: float, least: float) -> None:
    """Regression: each of them took a tenth of the rate, until less than one call a second was left."""
    pace, chance, now, sent = AIMDController(64), random.Random(1), 0.0, 0
    while now < 80:
        allowed = pace.permit(now)
        now = max(now + 1 / min(allowed.per_s or 200.0, 200.0), allowed.not_before)
        pace.sent(now)
        sent += now > 40
        pace.ended(Observation(now, now + 0.02, refused=chance.random() < 0.04, retry_after_s=retry_after_s))
    assert sent / 40 > least


def test_a_limit_that_falls_is_followed() -> None:
    """From 100 a second to 20, seen a tenth of a second late."""
    pace, now, taken = AIMDController(64), 0.0, [0.0]
    refusals = 0
    late: list[Observation] = []
    for limit, until in ((100, 20.0), (20, 50.0)):
        while now < until:
            while late and late[0].ended_at <= now:
                pace.ended(late.pop(0))
            allowed = pace.permit(now)
            if allowed.not_before > now:
                now = allowed.not_before + 0.001
                continue
            taken = [at for at in taken if at > now - 1]
            refused = len(taken) >= limit
            refusals += refused
            taken += [] if refused else [now]
            pace.sent(now)
            late.append(Observation(now, now + 0.1, refused=refused, retry_after_s=0.5 * refused))
            now += 1 / min(allowed.per_s or 300.0, 300.0)
    assert 10 < (pace.permit(now).per_s or 0.0) < 30
    assert refusals < 0.06 * (20 * 100 + 30 * 20)


def test_a_limit_that_stays_is_kept_to() -> None:
    """60 a second, which a second refusal confirms: then little is lost to trying for more. Each costs a second."""
    pace, now = AIMDController(64), 0.0
    taken: list[float] = []
    refused_at: list[float] = []
    late: list[Observation] = []
    while now < 60:
        while late and late[0].ended_at <= now:
            pace.ended(late.pop(0))
        allowed = pace.permit(now)
        if allowed.not_before > now or len(late) == 64:
            now = max(allowed.not_before + 0.001, late[0].ended_at if len(late) == 64 else 0.0)
            continue
        refused = len([at for at in taken[-60:] if at > now - 1]) >= 60
        (refused_at if refused else taken).append(now)
        pace.sent(now)
        took_s = 0.002 if refused else 0.1
        late.append(Observation(now, now + took_s, refused=refused, retry_after_s=1.0 * refused))
        late.sort(key=lambda each: each.ended_at)
        now += 1 / min(allowed.per_s or 2000.0, 2000.0)
    assert len(refused_at) <= 8
    assert not [at for at in refused_at if at > 20]
    assert sum(at > 20 for at in taken) > 0.96 * 40 * 60, "it was 0.86 with a try every ten seconds"


def test_a_fixed_rate_holds_whatever_is_met() -> None:
    pace = AIMDController(8, per_minute=120)
    assert pace.permit(0).per_s == 2
    answered(pace, 1000, at=1)
    assert pace.permit(0).per_s == 2


@pytest.mark.parametrize("bears", [5, 40, 300])
def test_it_settles_near_what_a_server_bears(bears: int) -> None:
    """A server that refuses what exceeds `bears` at once, simulated by round trips of one second."""
    pace, chance, served, lost = AIMDController(None), random.Random(1), 0, 0
    for second in range(200):
        sent = slots(pace)
        refused = max(sent - bears, 0)
        for i in chance.sample(range(sent), sent):
            pace.ended(Observation(float(second), second + 0.99, refused=i < refused))
        served += min(sent, bears) if second >= 20 else 0
        lost += refused if second >= 20 else 0
    assert served > 0.75 * 180 * bears
    assert lost < 0.1 * served

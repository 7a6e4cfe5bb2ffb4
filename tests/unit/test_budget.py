"""The budget before anything is sent: what fits, what is refused, what is forecast."""

import pytest
from pydantic import ValidationError

from flows.how_calls_ended import check_room
from schemas.budget import Cap, Charge
from schemas.call import Call, CallEnd, Message, Request, Sampling, Usage
from schemas.configuration import RunConfiguration
from schemas.errors import BudgetReached
from schemas.teacher import TeacherSettings
from tasks.asking.budget import Account, format_budget
from tasks.asking.endpoint import request_bytes, worst_case
from tasks.asking.forecast import History, forecast, history_of

PRICED = TeacherSettings(
    base_url="https://teacher.test/v1",
    usd_per_million_input=1.0,
    usd_per_million_cached_input=2.0,
    usd_per_million_output=10.0,
)


def request(text: str, max_tokens: int | None = 100, endpoint: str = "https://teacher.test/v1") -> Request:
    sampling = Sampling(temperature=None, top_p=None, max_tokens=max_tokens, seed=None)
    messages = (Message(role="user", content=text),)
    return Request(endpoint=endpoint, model="m", messages=messages, sampling=sampling, sample_index=0, fresh="")


@pytest.mark.parametrize(
    ("cap", "charged", "worst", "fits"),
    [
        (Cap(plan_id="p"), Charge(), Charge(), True),
        (Cap(plan_id="p", tokens=10), Charge(tokens=4), Charge(tokens=6), True),
        (Cap(plan_id="p", tokens=10), Charge(tokens=5), Charge(tokens=6), False),
        (Cap(plan_id="p", tokens=10), Charge(tokens=5), Charge(), False),
        (Cap(plan_id="p", usd=1.0), Charge(tokens=5, usd=0.5), Charge(tokens=10**9, usd=0.4), True),
        (Cap(plan_id="p", usd=1.0, tokens=10), Charge(tokens=5, usd=0.5), Charge(tokens=10**9, usd=0.4), False),
        (Cap(plan_id="p", usd=1.0), Charge(usd=0.5), Charge(tokens=1), False),
        (Cap(plan_id="p", usd=1.0), Charge(usd=0.5), Charge(usd=0.5), False),  # the sums may err by their rounding
    ],
)
def test_what_fits(cap: Cap, charged: Charge, worst: Charge, fits: bool) -> None:
    assert cap.has_room(charged, worst) is fits


@pytest.mark.parametrize("text", ["2+2?", "é" * 1000, "漢字" * 500, "\U0001f600" * 300, '"\\\n' * 300])
def test_the_worst_case_is_no_less_than_a_token_per_byte(text: str) -> None:
    asked = request(text)
    worst = worst_case(asked, PRICED, request_bytes(asked))
    assert worst.tokens is not None
    assert worst.tokens >= len(text.encode()) + 100 + 200
    assert worst.usd == pytest.approx(((worst.tokens - 100) * 2.0 + 100 * 10.0) / 1e6), "the dearer input price"


@pytest.mark.parametrize(
    ("fresh", "cached", "output", "a_token"),
    [
        (1.0, None, 10.0, 1.0),
        (1.0, 0.5, 10.0, 1.0),  # nobody knows beforehand what is cached
        (1.0, 2.0, 10.0, 2.0),
        (None, 2.0, 10.0, None),
        (1.0, 2.0, None, None),
    ],
)
def test_the_worst_case_has_the_dearer_price_of_a_prompt(
    fresh: float | None, cached: float | None, output: float | None, a_token: float | None
) -> None:
    prices = {"input": fresh, "cached_input": cached, "output": output}
    settings = PRICED.model_copy(update={f"usd_per_million_{name}": price for name, price in prices.items()})
    worst = worst_case(request("2+2?"), settings, b"x" * 44)
    assert worst.tokens == 400
    assert worst.usd == (None if a_token is None else pytest.approx((300 * a_token + 100 * 10.0) / 1e6))


def test_what_has_no_worst_case() -> None:
    unbounded = request("2+2?", max_tokens=None)
    assert worst_case(unbounded, PRICED, b"") == Charge()
    asked = request("2+2?")
    assert worst_case(asked, TeacherSettings(base_url="https://teacher.test/v1"), b"").usd is None
    for endpoint in ("practice/1/mild", "student/1f2e"):
        assert worst_case(request("2+2?", endpoint=endpoint), TeacherSettings(), b"").usd == 0


@pytest.mark.parametrize(
    ("teacher", "budget", "refused"),
    [
        ({}, {"usd": 1.0}, None),
        ({"base_url": "https://teacher.test/v1"}, {"tokens": 1}, None),
        ({"base_url": "https://teacher.test/v1"}, {"usd": 1.0}, "prices are unknown"),
        ({"base_url": "https://teacher.test/v1", "usd_per_million_input": 1.0}, {"usd": 1.0}, "prices are unknown"),
        ({"max_tokens": None}, {"tokens": 1}, "teacher.max_tokens: got none"),
        ({"max_tokens": None}, {}, None),
    ],
)
def test_a_budget_that_cannot_be_kept_is_refused(teacher: object, budget: object, refused: str | None) -> None:
    values = {"questions": {"source": "reasoning_gym"}, "teacher": teacher, "budget": budget}
    if refused is None:
        RunConfiguration.model_validate(values)
    else:
        with pytest.raises(ValidationError, match=refused):
            RunConfiguration.model_validate(values)


def test_a_forecast_is_the_mean_of_what_was() -> None:
    due = [request(f"{i}") for i in range(100)]
    known = History(10, 500, 5000, timed_calls=8, wall_s=16.0)
    seen = forecast(due, PRICED, known)
    assert seen.expected.tokens == 55_000
    assert seen.expected.usd == pytest.approx((5000 * 1.0 + 50_000 * 10.0) / 1e6)
    assert seen.minutes == pytest.approx(200 / 60), "as on the wall, whatever may be in flight"
    assert forecast(due, PRICED.model_copy(update={"max_in_flight": 50}), known).minutes == seen.minutes
    assert forecast(due, PRICED, History(10, 500, 5000)).minutes is None
    assert seen.worst.tokens is not None
    assert seen.worst.tokens > 100 * 300
    slow = PRICED.model_copy(update={"requests_per_minute": 10})
    assert forecast(due, slow, known).minutes == pytest.approx(10)
    assert "and 0.51 USD, 3.3 minutes at 30 answers a minute, as 10 calls before; at most" in str(seen)
    unseen = str(forecast(due, TeacherSettings(base_url="https://teacher.test/v1"), History(0, 0, 0)))
    assert "100 calls, at most" in unseen
    assert "unknown cost" in unseen
    unbounded = str(forecast([request("x", max_tokens=None)], PRICED, History(0, 0, 0)))
    assert "unbounded tokens" in unbounded


def test_history_counts_what_is_known() -> None:
    asked = request("x")
    call = Call(
        call_id=asked.call_id,
        endpoint=asked.endpoint,
        model_asked="m",
        model_answered="m",
        messages=asked.messages,
        sampling=asked.sampling,
        sample_index=0,
        fresh="",
        ended=CallEnd.ANSWERED,
        error=None,
        raw_response=b"",
        content="4",
        reasoning=None,
        finish_reason="stop",
        usage=Usage(prompt_tokens=3, completion_tokens=5),
        cost_usd=None,
        latency_s=2.0,
        tries=1,
    )
    assert history_of([call, call.model_copy(update={"usage": Usage()})]) == History(1, 3, 5)


NEEDS = [
    (Cap(plan_id="p", usd=1.0), ["a", "b"], "the cheapest of them may cost 0.1000 USD, all together 0.4000 USD"),
    (Cap(plan_id="p", tokens=9), ["b"], "the cheapest of them may cost 2,000 tokens, all together 2,000 tokens"),
    (Cap(plan_id="p", tokens=9), ["a", "c"], "the cheapest of them may cost unbounded, all together unbounded"),
    (Cap(plan_id="p", tokens=9), ["unknown"], ""),
]


@pytest.mark.parametrize(("cap", "left", "says"), NEEDS)
def test_what_the_calls_need_that_are_left(cap: Cap, left: list[str], says: str) -> None:
    worst = {"a": Charge(tokens=500, usd=0.1), "b": Charge(tokens=2000, usd=0.3), "c": Charge()}
    assert Account(cap, Charge(tokens=5, usd=0.95), worst).needs(left) == says


def test_a_full_budget_is_told_at_once_and_one_with_room_for_any_call_is_not() -> None:
    asked = request("2+2?"), request("A longer one, which costs more.")
    worst = {each.call_id: Charge(tokens=n) for each, n in zip(asked, (5, 50), strict=True)}
    check_room(Account(Cap(plan_id="p", tokens=10), Charge(tokens=5), worst), worst.keys())
    check_room(None, worst.keys())
    with pytest.raises(BudgetReached, match=r"2 calls are left, .* the cheapest of them may cost 5 tokens"):
        check_room(Account(Cap(plan_id="p", tokens=10), Charge(tokens=6), worst), worst.keys())


def test_how_far_it_is_used() -> None:
    cap = Cap(plan_id="p", usd=5.0, tokens=10_000)
    assert (
        format_budget(cap, Charge(tokens=1234, usd=1.5))
        == "budget: charged with 1.5000 of 5 USD and 1,234 of 10,000 tokens"
    )

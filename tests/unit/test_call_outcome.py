"""How a send ends: each status and body in its class, and what each class means for the ledger and the row."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.call import CUT, CallEnd, Message, Request, Sampling, SendEnd, Usage
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.call_outcome import OUTCOMES, CallOutcome, OutcomeRule, says_moderated
from tasks.asking.reply import SendResult, one_line, read_reply, terminal_call
from tasks.asking.retry_after import asked_wait_s, retry_after_s

FREE, PAID, PERHAPS = SendEnd.FAILED, SendEnd.ANSWERED, SendEnd.UNKNOWN

# outcome: what the ledger counts, the row's terminal state, whether the run stops, whether it counts for no try,
# whether the server is away; with neither of the second and third it is sent again
MEANING = {
    CallOutcome.ANSWERED: (PAID, CallEnd.ANSWERED, False),
    CallOutcome.NOT_A_COMPLETION: (PAID, CallEnd.UNREADABLE, False),
    CallOutcome.TOO_LONG: (PAID, CallEnd.UNREADABLE, False),
    CallOutcome.REFUSED: (FREE, CallEnd.REFUSED, False),
    CallOutcome.UNREACHABLE: (FREE, None, False, True, True),
    CallOutcome.LOADING: (FREE, None, False, True, True),
    CallOutcome.DOWN: (FREE, None, False, True, True),
    CallOutcome.NO_STREAM: (FREE, None, False, True),
    CallOutcome.RATE_LIMITED: (FREE, None, False),
    CallOutcome.SERVER_ERROR: (FREE, None, False),
    CallOutcome.REDIRECTED: (FREE, None, False),
    CallOutcome.NOT_JSON: (FREE, None, False),
    CallOutcome.ERROR_OBJECT: (FREE, None, False),
    CallOutcome.CUT: (PERHAPS, None, False),
    CallOutcome.CUT_JSON: (PERHAPS, None, False),
    CallOutcome.DEADLINE: (PERHAPS, None, False),
    CallOutcome.GATEWAY_TIMEOUT: (PERHAPS, None, False),
    CallOutcome.DENIED: (FREE, None, True),
    CallOutcome.NO_CREDIT: (FREE, None, True),
    CallOutcome.NOT_FOUND: (FREE, None, True),
    CallOutcome.NOT_RUN: (FREE, None, False),
    CallOutcome.MISSING: (PERHAPS, None, False),
}


@pytest.mark.parametrize("outcome", CallOutcome)
def test_every_ending_has_its_meaning(outcome: CallOutcome) -> None:
    assert OUTCOMES[outcome] == OutcomeRule(*MEANING[outcome])


def test_no_rule_contradicts_itself() -> None:
    for rule in OUTCOMES.values():
        assert not (rule.stop and rule.ended), "a row is not ended by what would end every row"
        assert (rule.send is PAID) == (rule.ended in (CallEnd.ANSWERED, CallEnd.UNREADABLE)), "paid for: kept"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, CallOutcome.REDIRECTED),
        (308, CallOutcome.REDIRECTED),
        (400, CallOutcome.REFUSED),
        (401, CallOutcome.DENIED),
        (402, CallOutcome.NO_CREDIT),
        (403, CallOutcome.DENIED),
        (404, CallOutcome.NOT_FOUND),
        (405, CallOutcome.NOT_FOUND),
        (407, CallOutcome.DENIED),
        (408, CallOutcome.GATEWAY_TIMEOUT),
        (409, CallOutcome.SERVER_ERROR),
        (410, CallOutcome.NOT_FOUND),
        (413, CallOutcome.REFUSED),
        (415, CallOutcome.REFUSED),
        (412, CallOutcome.REFUSED),
        (418, CallOutcome.REFUSED),
        (422, CallOutcome.REFUSED),
        (423, CallOutcome.SERVER_ERROR),
        (424, CallOutcome.SERVER_ERROR),
        (425, CallOutcome.SERVER_ERROR),
        (429, CallOutcome.RATE_LIMITED),
        (451, CallOutcome.REFUSED),
        (498, CallOutcome.SERVER_ERROR),
        (499, CallOutcome.SERVER_ERROR),
        (500, CallOutcome.SERVER_ERROR),
        (502, CallOutcome.SERVER_ERROR),
        (503, CallOutcome.SERVER_ERROR),
        (504, CallOutcome.GATEWAY_TIMEOUT),
        (524, CallOutcome.GATEWAY_TIMEOUT),
        (529, CallOutcome.SERVER_ERROR),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": {"message": "m", "code": 200}}', b'{"choices": []}'])
def test_a_status_decides_when_the_body_names_nothing(status: int, outcome: CallOutcome, body: bytes) -> None:
    ended = read_reply(status, {}, body, 1000)
    assert (ended.outcome, ended.status, ended.body) == (outcome, status, body)
    assert ended.error
    assert ended.error.startswith(f"{outcome}: HTTP {status}")


def error(message: str = "m", **more: object) -> bytes:
    return json.dumps({"error": {"message": message} | more}).encode()


def said_by_minimax(code: int, message: str) -> bytes:
    """Whatever goes wrong has the status 200: it was kept as an answer that is none, and paid for."""
    answer = {"id": "04", "choices": None, "object": "chat.completion", "usage": {"total_tokens": 0}}
    return json.dumps(answer | {"base_resp": {"status_code": code, "status_msg": message}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (429, error(code="insufficient_quota"), CallOutcome.NO_CREDIT),
        (429, error(type="insufficient_quota", code=None), CallOutcome.NO_CREDIT),
        (400, error(code="billing_hard_limit_reached"), CallOutcome.NO_CREDIT),
        (400, error(code="invalid_api_key"), CallOutcome.DENIED),
        (400, error(code="model_not_found"), CallOutcome.NOT_FOUND),
        (400, error(code="context_length_exceeded"), CallOutcome.REFUSED),
        (400, error(code=["odd"], type={}), CallOutcome.REFUSED),
        (503, error("Loading model", type="unavailable_error", code=503), CallOutcome.LOADING),
        (503, b'{"error": "Model m/n is currently loading", "estimated_time": 20.0}', CallOutcome.LOADING),
        (503, b"The service is starting up", CallOutcome.LOADING),
        (503, error("scaling up from zero", code="DEPLOYMENT_SCALING_UP"), CallOutcome.LOADING),
        (503, error("overloaded"), CallOutcome.SERVER_ERROR),
        (503, b"<html>no healthy upstream: downloading</html>", CallOutcome.SERVER_ERROR),
        (500, error("error loading the adapter"), CallOutcome.SERVER_ERROR),
        (200, error(code=429), CallOutcome.RATE_LIMITED),
        (200, error(code="503"), CallOutcome.SERVER_ERROR),
        (200, error(code=401), CallOutcome.DENIED),
        (200, error(code=400), CallOutcome.REFUSED),
        (200, error(code=7), CallOutcome.ERROR_OBJECT),
        (200, error(), CallOutcome.ERROR_OBJECT),
        (200, b'{"error": "no backend"}', CallOutcome.ERROR_OBJECT),
        (200, b'{"object": "error", "message": "gone", "code": 404}', CallOutcome.NOT_FOUND),
        (200, b'{"error": {"code": 502}, "choices": []}', CallOutcome.SERVER_ERROR),
        (200, b'{"detail": "hello"}', CallOutcome.ERROR_OBJECT),
        (200, b'{"error": null, "choices": []}', CallOutcome.NOT_A_COMPLETION),
        (200, b'{"choices": null}', CallOutcome.NOT_A_COMPLETION),
        (200, b'{"object": "chat.completion", "usage": {"prompt_tokens": 9}}', CallOutcome.NOT_A_COMPLETION),  # Google
        (200, b'{"object": "chat.completion", "usage": null}', CallOutcome.ERROR_OBJECT),
        (200, said_by_minimax(0, ""), CallOutcome.NOT_A_COMPLETION),
        (200, said_by_minimax(1002, "rate limit"), CallOutcome.RATE_LIMITED),
        (200, said_by_minimax(1004, "login fail"), CallOutcome.DENIED),
        (200, said_by_minimax(1008, "insufficient balance"), CallOutcome.NO_CREDIT),
        (200, said_by_minimax(1013, "internal error"), CallOutcome.ERROR_OBJECT),
        (200, said_by_minimax(1026, "input new_sensitive"), CallOutcome.REFUSED),
        (200, said_by_minimax(1039, "token limit"), CallOutcome.RATE_LIMITED),
        (200, said_by_minimax(2013, "invalid params"), CallOutcome.REFUSED),
        (429, error("Request too large for m on tokens per min", code="rate_limit_exceeded"), CallOutcome.REFUSED),
        (413, error("Request too large for model `m` (TPM)", code="rate_limit_exceeded"), CallOutcome.REFUSED),
        (413, error("later", code="rate_limit_exceeded"), CallOutcome.RATE_LIMITED),
        (200, b'{"choices": [{"message": {"content": "4"}}], "error": null}', CallOutcome.ANSWERED),
        (201, b'\xef\xbb\xbf\n{"choices": [{"message": {"content": "4"}}]}', CallOutcome.ANSWERED),
        (200, b'{"choices": [{"message": {"content": "4"', CallOutcome.CUT_JSON),
        (200, b"", CallOutcome.CUT_JSON),
        (204, b" \n", CallOutcome.CUT_JSON),
        (200, b"<!DOCTYPE html>", CallOutcome.NOT_JSON),
        (200, b"data: {}\n\n", CallOutcome.NOT_JSON),
        (200, b'"ok"', CallOutcome.NOT_JSON),
        (200, b"null", CallOutcome.NOT_JSON),
        (200, b"[" * 90_000, CallOutcome.NOT_JSON),
        (200, b'{"a": ' * 10_000, CallOutcome.CUT_JSON),
        (200, b"x" * 100_000, CallOutcome.TOO_LONG),
        (500, b"x" * 100_000, CallOutcome.SERVER_ERROR),
    ],
)
def test_a_body_decides_where_it_can(status: int, body: bytes, outcome: CallOutcome) -> None:
    assert read_reply(status, {}, body, 99_000).outcome is outcome


SPENT = {
    "Anthropic": (
        400,
        error("Your credit balance is too low to access the Anthropic API.", type="invalid_request_error"),
    ),
    "LiteLLM": (400, error("Budget has been exceeded! Current cost: 1000.1, Max budget: 1000.0", code="400")),
    "LiteLLM, of a team": (429, error("ExceededBudget: over budget", type="budget_exceeded", code="429")),
    "LiteLLM, of a host": (
        400,
        error('litellm.BadRequestError: {"message":"Your credit balance is too low to access"}'),
    ),
    "DashScope": (400, error("Access denied, please make sure your account is in good standing.", code="Arrearage")),
    "xAI": (403, error("Your team x has either used all available credits or reached its monthly spending limit.")),
    "xAI, then": (429, b'{"code": "x", "error": "Your team has either used all available credits or reached its ..."}'),
    "Fireworks": (412, error("Account a is suspended, possibly due to reaching the monthly spending limit")),
    "Moonshot": (429, error("suspended, please check your plan", type="exceeded_current_quota_error")),
    "Z.AI": (429, error("余额不足或无可用资源包", code="1113")),
    "SiliconFlow": (403, b'{"code": 30001, "message": "Sorry, your account balance is insufficient"}'),
}
OF_THE_KEY = {
    "Google": (400, b'[{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}]'),
    "Google, later": (400, b'[{"error": {"code": 400, "message": "API key expired. Please renew the API key."}}]'),
    "Groq": (400, error("Organization has been restricted.", code="organization_restricted")),
}
OF_THE_REQUEST = {
    "a rate of Google's": (429, error("You exceeded your current quota, please check your plan and billing details.")),
    "a prompt that is repeated": (400, error("field messages: too long: " + "x" * 300 + " credit balance is too low")),
    "a word of the question": (422, error("my credit balance is too low")),
    "no credit to the author": (400, error("insufficient creditability")),
}


@pytest.mark.parametrize("who", [*SPENT, *OF_THE_KEY, *OF_THE_REQUEST])
def test_a_spent_account_and_a_dead_key_are_no_fault_of_the_request(who: str) -> None:
    """Each was a refusal for good of every question that was left; a later run never asked them again."""
    status, body = (SPENT | OF_THE_KEY | OF_THE_REQUEST)[who]
    outcome = read_reply(status, {}, body, 9_000).outcome
    wanted = CallOutcome.NO_CREDIT if who in SPENT else CallOutcome.DENIED
    others = (CallOutcome.REFUSED, CallOutcome.RATE_LIMITED)
    assert outcome in others if who in OF_THE_REQUEST else outcome is wanted


def broken(finish: str = "stop", text: str | None = "half", **more: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": finish} | more]}).encode()


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (broken(error={"code": 502}), PERHAPS),
        (broken(error={"code": 429}), PERHAPS),
        (broken("insufficient_system_resource"), PERHAPS),
        (broken("abort", None)[:-1] + b', "usage": {"completion_tokens": 9}}', PERHAPS),
        (broken("error", None), FREE),
        (broken("error", None)[:-1] + b', "usage": {"completion_tokens": 0}}', FREE),
        (error(code=502), FREE),
        (broken(), PAID),
        (broken(error={"code": 502}, message=None), FREE),  # not even a message
    ],
)
def test_what_broke_off_after_some_of_it_had_come_may_be_paid_for(body: bytes, end: SendEnd) -> None:
    """A budget counted it as free, however often it was sent."""
    assert read_reply(200, {}, body, 9_000).counts_as is end


@pytest.mark.parametrize(
    ("broke", "outcome", "said"),
    [
        ({"code": 401, "message": "no key"}, CallOutcome.ERROR_OBJECT, "no key"),  # of a host behind it: stops nothing
        ({"code": "insufficient_quota", "message": "m"}, CallOutcome.ERROR_OBJECT, "m"),
        ({"code": "invalid_request", "message": "m"}, CallOutcome.ERROR_OBJECT, "m"),
        ({"code": 400, "message": "m"}, CallOutcome.REFUSED, "m"),
        ({"code": 429, "metadata": {"raw": "the host is full"}}, CallOutcome.RATE_LIMITED, ": the host is full"),
        ("over capacity", CallOutcome.ERROR_OBJECT, "over capacity"),
        (["odd"], CallOutcome.ERROR_OBJECT, '["odd"]'),
        ({"code": 502}, CallOutcome.SERVER_ERROR, "no message"),
    ],
)
def test_what_broke_an_answer_off_is_told_in_its_words(broke: object, outcome: CallOutcome, said: str) -> None:
    ended = read_reply(200, {}, broken(error=broke), 9_000)
    assert (ended.outcome, ended.error, ended.status) == (outcome, f"{outcome}: {said}", 200)
    assert ended.completion.content == "half"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, error("oops", metadata={"raw": "of the host"}), "server_error: HTTP 500: oops: of the host"),
        (500, error("oops", metadata={"raw": {"no": "text"}}), "server_error: HTTP 500: oops"),
        (500, error("oops", metadata=["raw"]), "server_error: HTTP 500: oops"),
        (422, b'{"detail": [{"loc": "messages"}]}', 'refused: HTTP 422: [{"loc": "messages"}]'),
        (500, b'{"error": "no backend"}', "server_error: HTTP 500: no backend"),
        (500, b"caf\xff <p>", "server_error: HTTP 500: caf\N{REPLACEMENT CHARACTER} <p>"),
        (400, b'[{"error": {"message": "of Google"}}]', "refused: HTTP 400: of Google"),
        (400, b'[{"error": {}}, {}]', 'refused: HTTP 400: [{"error": {}}, {}]'),
        (302, b"", "redirected: HTTP 302: not followed"),
        (200, b'{"error": {"code": 7}}', "error_object: no message"),
        (200, b'{"error": "no backend"}', "error_object: no backend"),
        (200, b'[{"choices": []}]', 'not_json: [{"choices": []}]'),
        (200, b'[{"error": {}}, {}]', 'not_json: [{"error": {}}, {}]'),
        (200, b"[[]]", "not_json: [[]]"),
        (200, b" ", "cut_json: nothing"),
        (300, b"", "redirected: HTTP 300: not followed"),
    ],
)
def test_an_error_is_told_in_the_endpoint_s_words(status: int, body: bytes, said: str) -> None:
    ended = read_reply(status, {}, body, 9_000)
    assert (ended.error, ended.status) == (said, status)


@pytest.mark.parametrize(("status", "kept"), [(200, 65_536), (500, 4_096)])
def test_no_more_is_kept_of_what_no_table_needs(status: int, kept: int) -> None:
    ended = read_reply(status, {}, b"x" * 100_000, 99_999)
    assert (len(ended.body), ended.status) == (kept, status)
    assert read_reply(200, {}, b"x" * 99_999, 99_999).outcome is CallOutcome.NOT_JSON


def test_a_redirect_says_where_but_not_with_what() -> None:
    """A location may carry a token."""
    ended = read_reply(302, {"location": "https://elsewhere.test/login?token=secret"}, b"", 1000)
    assert ended.error == "redirected: HTTP 302: to https://elsewhere.test, which is not followed"
    for location in ("//[", "http://[::1", ""):  # an address that is none was a traceback
        assert read_reply(302, {"location": location}, b"", 1000).error == "redirected: HTTP 302: not followed"


NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "86400"}, 86400),
        ({"retry-after": "Wed, 01 Jul 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Wed, 01 Jul 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Wed, 01 Jul 2026 12:00:30 -0000"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
USED_UP = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1782907230000"}
EARLY: dict[str, tuple[dict[str, str], dict[str, Any], float | None]] = {
    "a header before all else": ({"retry-after": "7"}, {"message": "try again in 9s"}, 7),
    "Google": ({}, {"message": "Please retry in 99s.", "details": [{"violations": []}, RETRY_INFO]}, 34.5),
    "Google's words": ({}, {"message": "Quota exceeded. Please retry in 34.074824224s."}, 34.074824224),
    "OpenAI": ({}, {"message": "Rate limit reached (TPM). Please try again in 6m0.5s. Visit …"}, 360.5),
    "OpenAI, soon": ({}, {"message": "Please try again in 250ms."}, 0.25),
    "Moonshot": ({}, {"message": "max RPM: 3, please try again after 1 seconds"}, 1),
    "Azure": ({}, {"message": "have exceeded the token rate limit. Please retry after 20 seconds."}, 20),
    "OpenRouter": (USED_UP, {"message": "Rate limit exceeded"}, 30),
    "OpenRouter, of a host": ({}, {"metadata": {"headers": USED_UP}}, 30),
    "Cerebras": (
        {
            **{"x-ratelimit-remaining-requests-day": "0", "x-ratelimit-reset-requests-day": "33011.5"},
            **{"x-ratelimit-remaining-tokens-minute": "9", "x-ratelimit-reset-tokens-minute": "11.25"},
        },
        {},
        33011.5,
    ),
    "Groq": ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30.5s"}, {}, 90.5),
    "Anthropic": (
        {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-07-01T12:01:00Z"},
        {},
        60,
    ),
    "a moment without a zone": ({"ratelimit-remaining": "0", "ratelimit-reset": "2026-07-01T12:01:00"}, {}, 60),
    "a moment in another zone": ({"ratelimit-remaining": "0", "ratelimit-reset": "2026-07-01T13:01:00+01:00"}, {}, 60),
    "numbers": ({}, {"metadata": {"headers": {"ratelimit-remaining": 0, "ratelimit-reset": 50}}}, 50),
    "spaces and capitals": ({"ratelimit-remaining": " 0", "ratelimit-reset": " 1M30S "}, {}, 90),
    "for ever": ({"ratelimit-remaining": "0", "ratelimit-reset": "inf"}, {}, None),
    "a moment in seconds": ({"ratelimit-remaining": "0", "ratelimit-reset": "1782907245"}, {}, 45),
    "a moment that is past": ({"ratelimit-remaining": "0", "ratelimit-reset": "1782907000"}, {}, 0),
    "of another limit": ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "50"}, {}, None),
    "of nobody knows what": ({"x-ratelimit-reset": "50"}, {}, None),
    "none": ({}, {"message": "try again later, in 5 years", "details": "RetryInfo"}, None),
    "nonsense": ({"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, {"details": [{"retryDelay": []}]}, None),
}


@pytest.mark.parametrize("who", EARLY)
def test_how_long_to_wait_stands_in_many_places(who: str) -> None:
    """Without a `retry-after` nobody waited: all tries of a call were over within 15 s of a minute's quota."""
    headers, told, seconds = EARLY[who]
    assert asked_wait_s(headers, told, str(told.get("message", "")), NOW) == seconds


def test_only_what_came_too_early_is_asked_to_wait_by_its_words() -> None:
    body = error("Please try again in 20s.")
    assert read_reply(429, {}, body, 9_000).retry_after_s == 20
    assert read_reply(500, {}, body, 9_000).retry_after_s is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        (" two\r\nlines\t", "two lines"),
        ("\x1b[31mred\x07", "[31mred"),
        ("nul\x00 \ud800", "nul\ufffd \ufffd"),
        ("\u202eeman", "eman"),
        ("x" * 400, "x" * 300 + "…"),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    """Escapes in an error body moved the cursor of whoever read the log."""
    assert one_line(text).replace("\ufffd\ufffd\ufffd", "\ufffd") == line


REQUEST = Request(
    endpoint="e",
    model="m",
    messages=(Message(role="user", content="?"),),
    sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
    sample_index=2,
    fresh="f",
    extra_body='{"top_k": 1}',
)


def test_a_row_of_an_answer_that_broke_off_has_what_came_of_it() -> None:
    """It is made only of the last send, and says that it was cut."""
    ended = read_reply(200, {}, broken("error", "half", error={"code": 502}), 9_000)
    assert terminal_call("id", REQUEST, ended, Settings(), 1.5, 4) is None
    call = terminal_call("id", REQUEST, ended, Settings(), 1.5, 4, broken_off=True)
    assert call
    assert (call.ended, call.content, call.finish_reason) == (CallEnd.ANSWERED, "half", CUT)
    assert call.extra_body == REQUEST.extra_body


def test_a_row_has_what_was_refused_in_words() -> None:
    body = json.dumps({"choices": [{"message": {"content": None, "refusal": "no"}, "finish_reason": "stop"}]}).encode()
    call = terminal_call("id", REQUEST, read_reply(200, {}, body, 9_000), Settings(), 1.5, 4)
    assert call
    assert (call.refusal, call.content, call.finish_reason) == ("no", None, "stop")


def test_a_row_is_made_only_of_an_end() -> None:
    for outcome in CallOutcome:
        call = terminal_call("id", REQUEST, SendResult(outcome=outcome, error="x", body=b"b"), Settings(), 1.5, 4)
        assert (call and call.ended) == OUTCOMES[outcome].ended
        if call:
            assert (call.call_id, call.sample_index, call.fresh, call.tries, call.latency_s) == ("id", 2, "f", 4, 1.5)
            assert call.usage == Usage()
            assert call.cost_usd == (0.0 if call.ended is CallEnd.REFUSED else None)


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (403, "Your chosen model requires moderation and your input was flagged for violence", True),
        (403, "The prompt was blocked by the firewall of content", True),
        (403, "forbidden", False),
        (403, "your account was flagged", False),
        (401, "the input was flagged", False),
    ],
)
def test_moderation_speaks_of_a_request_and_not_of_the_key(status: int, message: str, told: bool) -> None:
    assert says_moderated(status, message) is told

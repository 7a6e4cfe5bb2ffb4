"""How a send ends: each status and body in its class, and what each class means for the ledger and the row."""

import json
from datetime import UTC, datetime

import pytest

from schemas.call import CallEnd, Message, Request, Sampling, SendEnd, Usage
from schemas.configuration import Teacher as Settings
from tasks.asking.call_end import RULES, Ending
from tasks.asking.reply import Ended, one_line, read_reply, retry_after_s, terminal_call

FREE, PAID, PERHAPS = SendEnd.FAILED, SendEnd.ANSWERED, SendEnd.UNKNOWN

# ending: what the ledger counts, the row's terminal state, whether the run stops; with neither it is sent again
MEANING = {
    Ending.ANSWERED: (PAID, CallEnd.ANSWERED, False),
    Ending.NOT_A_COMPLETION: (PAID, CallEnd.UNREADABLE, False),
    Ending.TOO_LONG: (PAID, CallEnd.UNREADABLE, False),
    Ending.REFUSED: (FREE, CallEnd.REFUSED, False),
    Ending.UNREACHABLE: (FREE, None, False),
    Ending.RATE_LIMITED: (FREE, None, False),
    Ending.SERVER_ERROR: (FREE, None, False),
    Ending.REDIRECTED: (FREE, None, False),
    Ending.NOT_JSON: (FREE, None, False),
    Ending.ERROR_OBJECT: (FREE, None, False),
    Ending.CUT: (PERHAPS, None, False),
    Ending.CUT_JSON: (PERHAPS, None, False),
    Ending.DEADLINE: (PERHAPS, None, False),
    Ending.GATEWAY_TIMEOUT: (PERHAPS, None, False),
    Ending.DENIED: (FREE, None, True),
    Ending.NO_CREDIT: (FREE, None, True),
    Ending.NOT_FOUND: (FREE, None, True),
    Ending.NOT_RUN: (FREE, None, False),
    Ending.MISSING: (PERHAPS, None, False),
}


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_its_meaning(ending: Ending) -> None:
    assert tuple(RULES[ending]) == MEANING[ending]


def test_no_rule_contradicts_itself() -> None:
    for rule in RULES.values():
        assert not (rule.stop and rule.ended), "a row is not ended by what would end every row"
        assert (rule.send is PAID) == (rule.ended in (CallEnd.ANSWERED, CallEnd.UNREADABLE)), "paid for: kept"


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (301, Ending.REDIRECTED),
        (308, Ending.REDIRECTED),
        (400, Ending.REFUSED),
        (401, Ending.DENIED),
        (402, Ending.NO_CREDIT),
        (403, Ending.DENIED),
        (404, Ending.NOT_FOUND),
        (405, Ending.NOT_FOUND),
        (407, Ending.DENIED),
        (408, Ending.GATEWAY_TIMEOUT),
        (409, Ending.SERVER_ERROR),
        (410, Ending.NOT_FOUND),
        (413, Ending.REFUSED),
        (415, Ending.REFUSED),
        (418, Ending.REFUSED),
        (422, Ending.REFUSED),
        (425, Ending.SERVER_ERROR),
        (429, Ending.RATE_LIMITED),
        (451, Ending.REFUSED),
        (500, Ending.SERVER_ERROR),
        (502, Ending.SERVER_ERROR),
        (503, Ending.SERVER_ERROR),
        (504, Ending.GATEWAY_TIMEOUT),
        (524, Ending.GATEWAY_TIMEOUT),
        (529, Ending.SERVER_ERROR),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": {"message": "m", "code": 200}}', b'{"choices": []}'])
def test_a_status_decides_when_the_body_names_nothing(status: int, ending: Ending, body: bytes) -> None:
    ended = read_reply(status, {}, body, 1000)
    assert (ended.ending, ended.status, ended.body) == (ending, status, body)
    assert ended.error
    assert ended.error.startswith(f"{ending}: HTTP {status}")


def error(message: str = "m", **more: object) -> bytes:
    return json.dumps({"error": {"message": message} | more}).encode()


@pytest.mark.parametrize(
    ("status", "body", "ending"),
    [
        (429, error(code="insufficient_quota"), Ending.NO_CREDIT),
        (429, error(type="insufficient_quota", code=None), Ending.NO_CREDIT),
        (400, error(code="billing_hard_limit_reached"), Ending.NO_CREDIT),
        (400, error(code="invalid_api_key"), Ending.DENIED),
        (400, error(code="model_not_found"), Ending.NOT_FOUND),
        (400, error(code="context_length_exceeded"), Ending.REFUSED),
        (400, error(code=["odd"], type={}), Ending.REFUSED),
        (200, error(code=429), Ending.RATE_LIMITED),
        (200, error(code="503"), Ending.SERVER_ERROR),
        (200, error(code=401), Ending.DENIED),
        (200, error(code=400), Ending.REFUSED),
        (200, error(code=7), Ending.ERROR_OBJECT),
        (200, error(), Ending.ERROR_OBJECT),
        (200, b'{"error": "no backend"}', Ending.ERROR_OBJECT),
        (200, b'{"object": "error", "message": "gone", "code": 404}', Ending.NOT_FOUND),
        (200, b'{"error": {"code": 502}, "choices": []}', Ending.SERVER_ERROR),
        (200, b'{"detail": "hello"}', Ending.ERROR_OBJECT),
        (200, b'{"error": null, "choices": []}', Ending.NOT_A_COMPLETION),
        (200, b'{"choices": null}', Ending.NOT_A_COMPLETION),
        (200, b'{"choices": [{"message": {"content": "4"}}], "error": null}', Ending.ANSWERED),
        (201, b'\xef\xbb\xbf\n{"choices": [{"message": {"content": "4"}}]}', Ending.ANSWERED),
        (200, b'{"choices": [{"message": {"content": "4"', Ending.CUT_JSON),
        (200, b"", Ending.CUT_JSON),
        (204, b" \n", Ending.CUT_JSON),
        (200, b"<!DOCTYPE html>", Ending.NOT_JSON),
        (200, b"data: {}\n\n", Ending.NOT_JSON),
        (200, b'"ok"', Ending.NOT_JSON),
        (200, b"null", Ending.NOT_JSON),
        (200, b"[" * 90_000, Ending.NOT_JSON),
        (200, b'{"a": ' * 10_000, Ending.CUT_JSON),
        (200, b"x" * 100_000, Ending.TOO_LONG),
        (500, b"x" * 100_000, Ending.SERVER_ERROR),
    ],
)
def test_a_body_decides_where_it_can(status: int, body: bytes, ending: Ending) -> None:
    assert read_reply(status, {}, body, 99_000).ending is ending


def test_a_redirect_says_where_but_not_with_what() -> None:
    """A location may carry a token."""
    ended = read_reply(302, {"location": "https://elsewhere.test/login?token=secret"}, b"", 1000)
    assert ended.error == "redirected: HTTP 302: to https://elsewhere.test, which is not followed"


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


def test_a_row_is_made_only_of_an_end() -> None:
    sampling = Sampling(temperature=None, top_p=None, max_tokens=None, seed=None)
    request = Request(
        endpoint="e",
        model="m",
        messages=(Message(role="user", content="?"),),
        sampling=sampling,
        sample_index=2,
        fresh="f",
    )
    for ending in Ending:
        call = terminal_call("id", request, Ended(ending=ending, error="x", body=b"b"), Settings(), 1.5, 4)
        assert (call and call.ended) == RULES[ending].ended
        if call:
            assert (call.call_id, call.sample_index, call.fresh, call.tries, call.latency_s) == ("id", 2, "f", 4, 1.5)
            assert call.usage == Usage()
            assert call.cost_usd == (0.0 if call.ended is CallEnd.REFUSED else None)

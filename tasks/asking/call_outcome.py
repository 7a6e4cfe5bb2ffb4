"""Every way a send can end: one table says what the ledger counts and what follows."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from schemas.call import CallEnd, SendEnd


class CallOutcome(StrEnum):
    ANSWERED = "answered"
    """A chat completion; also one that stops for `length` or `content_filter`: that is data."""
    NOT_A_COMPLETION = "not_a_completion"
    """Whole JSON with status 200 whose `choices` is empty or malformed. Asking again would buy it again."""
    TOO_LONG = "too_long"
    """More bytes, once unpacked, than teacher.max_response_bytes."""
    REFUSED = "refused"
    """HTTP 4xx that has no line of its own (400, 413, 422 ...), or a 403 of moderation: it will never pass."""
    UNREACHABLE = "unreachable"
    """No connection: the request was never sent."""
    LOADING = "loading"
    """HTTP 503 that says that the server is not ready yet."""
    DOWN = "down"
    """One of many answers in a row that ask to come later or are errors of the server: nobody is answered just now."""
    NO_STREAM = "no_stream"
    """HTTP 4xx that speaks of streams: asked again for an answer in one piece, or as a stream if it was not."""
    RATE_LIMITED = "rate_limited"
    """HTTP 429."""
    SERVER_ERROR = "server_error"
    """HTTP 5xx, and those of 4xx that speak of the server's state and not of the request (409, 424, 498 ...)."""
    REDIRECTED = "redirected"
    """HTTP 3xx; the key does not follow to another place."""
    NOT_JSON = "not_json"
    """Status 200 with something else, such as the HTML page of a gateway."""
    ERROR_OBJECT = "error_object"
    """JSON with status 200 that is an error, or has no `choices` at all: a gateway speaks, not the model."""
    CUT = "cut"
    """The connection ended, or the HTTP broke, before the whole response was there."""
    CUT_JSON = "cut_json"
    """Status 200 with JSON that stops short, or with nothing."""
    DEADLINE = "deadline"
    """Not whole within teacher.timeout_s; of a stream, nothing for so long."""
    GATEWAY_TIMEOUT = "gateway_timeout"
    """HTTP 408, 504 or 524: somebody gave up waiting for the teacher, which may have worked on."""
    DENIED = "denied"
    """HTTP 401, 403 or 407, or an error that speaks of the key."""
    NO_CREDIT = "no_credit"
    """HTTP 402, or another 4xx that says that the account is spent."""
    NOT_FOUND = "not_found"
    """HTTP 404, 405 or 410: no such path or model."""
    NOT_RUN = "not_run"
    """A batch ended (failed, expired, was cancelled) before it got to this request."""
    MISSING = "missing"
    """A batch ended and has no line for this request."""


class OutcomeRule(NamedTuple):
    """What an outcome means. With neither `ended` nor `stop` the call is sent again and at last left pending.

    Sending again is free after `FAILED`; after `UNKNOWN` it may be paid for twice.
    """

    send: SendEnd
    ended: CallEnd | None = None
    """The terminal state of this row; its neighbours live."""
    stop: bool = False
    """Every call may end so: this one waits for a later run, and many in a row stop the run."""
    is_free: bool = False
    """It says nothing of this call: it counts for no try."""
    is_away: bool = False
    """The server is not there, or not yet."""


OUTCOMES: dict[CallOutcome, OutcomeRule] = {
    CallOutcome.ANSWERED: OutcomeRule(SendEnd.ANSWERED, ended=CallEnd.ANSWERED),
    CallOutcome.NOT_A_COMPLETION: OutcomeRule(SendEnd.ANSWERED, ended=CallEnd.UNREADABLE),
    CallOutcome.TOO_LONG: OutcomeRule(SendEnd.ANSWERED, ended=CallEnd.UNREADABLE),
    CallOutcome.REFUSED: OutcomeRule(SendEnd.FAILED, ended=CallEnd.REFUSED),
    CallOutcome.UNREACHABLE: OutcomeRule(SendEnd.FAILED, is_free=True, is_away=True),
    CallOutcome.LOADING: OutcomeRule(SendEnd.FAILED, is_free=True, is_away=True),
    CallOutcome.DOWN: OutcomeRule(SendEnd.FAILED, is_free=True, is_away=True),
    CallOutcome.NO_STREAM: OutcomeRule(SendEnd.FAILED, is_free=True),
    CallOutcome.RATE_LIMITED: OutcomeRule(SendEnd.FAILED),
    CallOutcome.SERVER_ERROR: OutcomeRule(SendEnd.FAILED),
    CallOutcome.REDIRECTED: OutcomeRule(SendEnd.FAILED),
    CallOutcome.NOT_JSON: OutcomeRule(SendEnd.FAILED),
    CallOutcome.ERROR_OBJECT: OutcomeRule(SendEnd.FAILED),
    CallOutcome.CUT: OutcomeRule(SendEnd.UNKNOWN),
    CallOutcome.CUT_JSON: OutcomeRule(SendEnd.UNKNOWN),
    CallOutcome.DEADLINE: OutcomeRule(SendEnd.UNKNOWN),
    CallOutcome.GATEWAY_TIMEOUT: OutcomeRule(SendEnd.UNKNOWN),
    CallOutcome.DENIED: OutcomeRule(SendEnd.FAILED, stop=True),
    CallOutcome.NO_CREDIT: OutcomeRule(SendEnd.FAILED, stop=True),
    CallOutcome.NOT_FOUND: OutcomeRule(SendEnd.FAILED, stop=True),
    CallOutcome.NOT_RUN: OutcomeRule(SendEnd.FAILED),
    CallOutcome.MISSING: OutcomeRule(SendEnd.UNKNOWN),
}

_LOADING = re.compile(r"\b(?:loading|starting|warming up|initiali[sz]ing|not (?:yet )?ready)\b", re.IGNORECASE)

_MODERATED = re.compile(
    r"\brequires moderation\b|\b(?:input|prompt|messages?) (?:was|were|has been|have been) (?:flagged|blocked)\b",
    re.IGNORECASE,
)

_TOO_LARGE = re.compile(r"request too large\b", re.IGNORECASE)
"""OpenAI and Groq, of more tokens than an account may have a minute."""

_SPENT = re.compile(
    r"\bcredit balance is too low\b|\bbudget has been exceeded\b|\baccount is in good standing\b"
    r"|\bused all available credits\b|\bmonthly spending limit\b"
    r"|\binsufficient (?:account )?(?:balance|credits?|funds)\b"
    r"|\b(?:balance|credits?|funds) (?:is|are) (?:insufficient|exhausted|depleted)\b",
    re.IGNORECASE,
)
"""Anthropic, LiteLLM, DashScope, xAI, Fireworks, and those who sell what others host. A quota is no word of it: one of
Google's comes back within the minute.
"""
_OF_THE_KEY = re.compile(
    r"\bAPI[ _-]?key (?:is )?(?:not valid|invalid|expired|not found|revoked|disabled)\b|\binvalid API[ _-]?key\b"
    r"|\borganization has been restricted\b",
    re.IGNORECASE,
)
"""Google, and Groq."""
_BEGINNING = 300
"""Characters of a message in which its own words stand: behind them some repeat the request."""

_BY_STATUS = {
    **dict.fromkeys((401, 403, 407), CallOutcome.DENIED),
    **dict.fromkeys((404, 405, 410), CallOutcome.NOT_FOUND),
    **dict.fromkeys((408, 504, 524), CallOutcome.GATEWAY_TIMEOUT),
    **dict.fromkeys((409, 423, 425), CallOutcome.SERVER_ERROR),
    # of TGI and Bedrock for a model that failed; of Groq where its flex tier is full; of gateways where one gave up
    **dict.fromkeys((424, 498, 499), CallOutcome.SERVER_ERROR),
    402: CallOutcome.NO_CREDIT,
    429: CallOutcome.RATE_LIMITED,
}
_BY_CODE = {
    "insufficient_quota": CallOutcome.NO_CREDIT,
    "billing_hard_limit_reached": CallOutcome.NO_CREDIT,
    "budget_exceeded": CallOutcome.NO_CREDIT,  # of a key of LiteLLM's
    "exceeded_current_quota_error": CallOutcome.NO_CREDIT,  # Moonshot
    "Arrearage": CallOutcome.NO_CREDIT,  # DashScope
    "invalid_api_key": CallOutcome.DENIED,
    "account_deactivated": CallOutcome.DENIED,
    "model_not_found": CallOutcome.NOT_FOUND,
    "rate_limit_exceeded": CallOutcome.RATE_LIMITED,
    "token_limit_exceeded": CallOutcome.RATE_LIMITED,  # more in all batches together than the endpoint queues
    "1113": CallOutcome.NO_CREDIT,  # Z.AI, in the language of the account
    "DEPLOYMENT_SCALING_UP": CallOutcome.LOADING,  # Fireworks, for minutes
    **dict.fromkeys(("base_resp 1002", "base_resp 1039", "base_resp 1041", "base_resp 2045"), CallOutcome.RATE_LIMITED),
    **dict.fromkeys(("base_resp 1026", "base_resp 1027", "base_resp 2013"), CallOutcome.REFUSED),
    **dict.fromkeys(("base_resp 1004", "base_resp 2049"), CallOutcome.DENIED),
    **dict.fromkeys(("base_resp 1008", "base_resp 2056"), CallOutcome.NO_CREDIT),
    "batch_expired": CallOutcome.NOT_RUN,
    "batch_cancelled": CallOutcome.NOT_RUN,
}
"""What an error object's `code` or `type` says for sure, whatever the status beside it."""
_STATUSES = frozenset(map(str, range(400, 600)))


def of_status(status: int) -> CallOutcome:
    """Return the outcome that an HTTP status other than 2xx stands for."""
    if status < 400:
        return CallOutcome.REDIRECTED
    return _BY_STATUS.get(status) or (CallOutcome.REFUSED if status < 500 else CallOutcome.SERVER_ERROR)


def says_loading(status: int, message: str) -> bool:
    """Return whether an error is that of llama.cpp, TGI and others while they load the model."""
    return status == 503 and _LOADING.search(message) is not None


def says_moderated(status: int, message: str) -> bool:
    """Return whether a 403 is the word of a gateway's moderation on this request, and not on the key."""
    return status == 403 and _MODERATED.search(message) is not None


def says_too_large(message: str) -> bool:
    """Return whether an error, of a rate as it may call itself, is the word on a request that no rate lets pass."""
    return _TOO_LARGE.match(message) is not None


def of_words(status: int, message: str) -> CallOutcome | None:
    """Return what an error says of the account or of the key, under a status that requests which are at fault have,
    too: every call would end so.
    """
    start = message[:_BEGINNING]
    if status in (400, 403, 412, 429) and _SPENT.search(start):
        return CallOutcome.NO_CREDIT
    return CallOutcome.DENIED if status == 400 and _OF_THE_KEY.search(start) else None


def of_error(error: Mapping[str, Any]) -> CallOutcome | None:
    """Return the outcome that an OpenAI error object names by its `code` or `type`; None for names we do not know."""
    names = [str(error.get(name)) for name in ("code", "type")]
    return next((_BY_CODE[name] for name in names if name in _BY_CODE), None)


def of_numeric_code(error: Mapping[str, Any]) -> CallOutcome | None:
    """Return the outcome of an error object whose `code` is an HTTP status, as gateways write it into a 200."""
    code = str(error.get("code"))
    return of_status(int(code)) if code in _STATUSES else None

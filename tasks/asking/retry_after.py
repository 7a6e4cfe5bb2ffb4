"""How long an endpoint asks to wait before a request is made again, wherever it says so. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tasks.asking.completion import mapping

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_UNITS = r"(?:ms|s|m|h|d|sec(?:ond)?s?|min(?:ute)?s?|hours?|days?)(?![a-z])"
_PIECE = re.compile(rf"(\d+(?:\.\d+)?) ?({_UNITS})")
_DURATION = rf"(?:\d+(?:\.\d+)? ?{_UNITS} ?)+"
_IN_WORDS = re.compile(rf"\b(?:try again|retry) (?:in|after) ({_DURATION})", re.IGNORECASE)
"""OpenAI, Google, Moonshot and Azure: `Please try again in 6m0s`."""
_EPOCH_S, _EPOCH_MS = 1e9, 1e12
"""Larger numbers are no wait, but a moment."""


def asked_wait_s(headers: Mapping[str, str], error: Mapping[str, Any] | None, said: str, now: datetime) -> float | None:
    """Seconds, at least, that an answer asks to wait which says that it came too early: by a header, in the words of
    Google's `RetryInfo`, in those of its message, or by the moment at which a limit that is used up is reset.
    """
    error = error or {}
    by_header = retry_after_s(headers, now)
    details = error.get("details")
    delays = [mapping(each).get("retryDelay") for each in (details if isinstance(details, list) else [])]
    words = _IN_WORDS.search(said)
    resets = [*_resets(headers, now), *_resets(mapping(mapping(error.get("metadata")).get("headers")), now)]
    others = [*(_wait_s(delay, now) for delay in delays), words and _wait_s(words[1], now), max(resets, default=None)]
    return by_header if by_header is not None else next((wait_s for wait_s in others if wait_s is not None), None)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return seconds from `retry-after-ms` or `retry-after` (a number or an HTTP date); None for anything else."""
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        else:
            seconds = float(headers.get("retry-after", "nan"))
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(headers["retry-after"]) - now).total_seconds()
        except (KeyError, TypeError, ValueError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _resets(headers: Mapping[str, Any], now: datetime) -> list[float]:
    """Until when each limit is used up: `x-ratelimit-reset-requests`, `anthropic-ratelimit-tokens-reset`, … A limit of
    which something is left, or of which nobody says what is left, is not the one that was met.
    """
    values = {name.lower(): str(value) for name, value in headers.items()}
    used_up = (
        value
        for name, value in values.items()
        if "reset" in name and values.get(name.replace("reset", "remaining"), "").strip() == "0"
    )
    return [wait_s for value in used_up if (wait_s := _wait_s(value, now)) is not None]


def _wait_s(value: object, now: datetime) -> float | None:
    """Seconds until then: `1m30s`, `12.5`, a moment as a number of seconds or milliseconds, or as a date."""
    text = str(value).strip().lower()
    if re.fullmatch(_DURATION, text):
        return sum(float(n) * _SECONDS["ms" if unit == "ms" else unit[0]] for n, unit in _PIECE.findall(text))
    try:
        seconds = float(text)
        if seconds > _EPOCH_S:
            seconds = seconds / (1000 if seconds > _EPOCH_MS else 1) - now.timestamp()
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None

"""What to do about an endpoint that would refuse every call."""

from urllib.parse import urlsplit

from schemas.teacher import TeacherSettings
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult

_ADVICE = {
    CallOutcome.DENIED: "Check that {key} is valid there",
    CallOutcome.NO_CREDIT: "Top up the account of {key}",
    CallOutcome.NOT_FOUND: "Check teacher.base_url and teacher.model = {model!r}",
    CallOutcome.REDIRECTED: "Set teacher.base_url to where it answers itself",
    CallOutcome.REFUSED: "Check teacher.base_url, and that {key} is valid there",
}
_NO_TLS = "WRONG_VERSION_NUMBER"
"""What OpenSSL says of a server that speaks HTTP alone."""
_CHECK_IT_RUNS = "Check teacher.base_url, and that the server is running"


def advice(ended: SendResult, settings: TeacherSettings, address: TeacherAddress) -> str:
    """Return what failed, where, and what to do."""
    key = f"teacher.api_key = {settings.api_key}"
    remedy = _ADVICE.get(ended.outcome, _CHECK_IT_RUNS).format(key=key, model=settings.model)
    if settings.api_key is None and ended.outcome is CallOutcome.DENIED:
        remedy = "teacher.api_key is not set; give it a reference such as env:OPENAI_API_KEY"
    remedy += _meant(ended, settings)
    return f"teacher at {address.base_url}: {ended.error}. {remedy}, and give the same command again"


def without_path(url: str) -> str | None:
    """Return the URL that was perhaps meant by one that has a host and no path; None for every other."""
    return None if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/v1"


def _meant(ended: SendResult, settings: TeacherSettings) -> str:
    """Another URL that would answer such an error."""
    url, not_found = settings.base_url, ended.outcome is CallOutcome.NOT_FOUND
    if url == "practice":
        return " (base_url is the practice teacher: that of another model is an URL)" if not_found else ""
    meant = without_path(url) if not_found else None
    if url.startswith("https:") and _NO_TLS in (ended.error or ""):
        meant = url.replace("https:", "http:", 1)
    return f" (did you mean {meant}?)" if meant else ""

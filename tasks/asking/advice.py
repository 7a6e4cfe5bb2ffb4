"""What to do about an endpoint that would refuse every call."""

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
_CHECK_IT_RUNS = "Check teacher.base_url, and that the server is running"


def advice(ended: SendResult, settings: TeacherSettings, address: TeacherAddress) -> str:
    """Return what failed, where, and what to do."""
    key = f"teacher.api_key = {settings.api_key}"
    remedy = _ADVICE.get(ended.outcome, _CHECK_IT_RUNS).format(key=key, model=settings.model)
    if settings.api_key is None and ended.outcome is CallOutcome.DENIED:
        remedy = "teacher.api_key is not set; give it a reference such as env:OPENAI_API_KEY"
    return f"teacher at {address.base_url}: {ended.error}. {remedy}, and give the same command again"

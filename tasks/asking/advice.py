"""What to do about an endpoint that would refuse every call."""

from schemas.configuration import Teacher as TeacherSettings
from tasks.asking.call_end import Ending
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import Ended

_ADVICE = {
    Ending.DENIED: "Check that {key} is valid there",
    Ending.NO_CREDIT: "Top up the account of {key}",
    Ending.NOT_FOUND: "Check teacher.base_url and teacher.model = {model!r}",
    Ending.REDIRECTED: "Set teacher.base_url to where it answers itself",
    Ending.REFUSED: "Check teacher.base_url, and that {key} is valid there",
}
_CHECK_IT_RUNS = "Check teacher.base_url, and that the server is running"


def advice(ended: Ended, settings: TeacherSettings, address: TeacherAddress) -> str:
    """What failed, where, and what to do."""
    key = f"teacher.api_key = {settings.api_key}"
    told = _ADVICE.get(ended.ending, _CHECK_IT_RUNS).format(key=key, model=settings.model)
    if settings.api_key is None and ended.ending is Ending.DENIED:
        told = "teacher.api_key is not set; give it a reference such as env:OPENAI_API_KEY"
    return f"teacher at {address.base_url}: {ended.error}. {told}, and give the same command again"

"""What somebody is told whose endpoint would refuse every call."""

import pytest

from schemas.teacher import TeacherSettings
from tasks.asking.advice import advice
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult

ABSENT = (CallOutcome.NOT_FOUND, "not_found: HTTP 404: Not Found")
NO_TLS = (
    CallOutcome.UNREACHABLE,
    "unreachable: Cannot connect to host h:443 [[SSL: WRONG_VERSION_NUMBER]]",
)
GONE = (CallOutcome.UNREACHABLE, "unreachable: Cannot connect to host h:80")


@pytest.mark.parametrize(
    ("url", "ended", "told"),
    [
        ("http://h:8000", ABSENT, "teacher.model = 'm' (did you mean http://h:8000/v1?), and"),
        ("http://h:8000/", ABSENT, "teacher.model = 'm' (did you mean http://h:8000/v1?), and"),
        ("http://h/v1", ABSENT, "teacher.model = 'm', and"),
        ("practice", ABSENT, "'m' (base_url is the practice teacher: that of another model is an URL), and"),
        ("https://h/v1", NO_TLS, "that the server is running (did you mean http://h/v1?), and"),
        ("https://h/v1", GONE, "that the server is running, and"),
        ("http://h", GONE, "that the server is running, and"),
        ("practice", GONE, "that the server is running, and"),
    ],
)
def test_an_url_that_was_perhaps_meant_is_named(url: str, ended: tuple[CallOutcome, str], told: str) -> None:
    """The bug: only `doctor` said so, and only of a missing /v1."""
    outcome, error = ended
    settings = TeacherSettings(base_url=url, model="m")
    said = advice(SendResult(outcome=outcome, error=error), settings, TeacherAddress("http://127.0.0.1:1/v1"))
    assert f"{told} give the same command again" in said

"""Where this run's teacher listens, and with which key."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from schemas import configuration
from tasks.asking.endpoint import TeacherAddress, endpoint_identity
from tasks.practice import endpoint
from tasks.practice.process import PracticeTeacher
from tasks.secret import secret


@contextmanager
def teacher_address(settings: configuration.TeacherSettings, wanted: bool) -> Iterator[TeacherAddress | None]:
    """The address for as long as the run needs it; None when no answer is wanted. Starts the practice teacher."""
    if not wanted:
        yield None
    elif settings.base_url == "practice":
        with PracticeTeacher(settings.preset) as practice:
            yield TeacherAddress(practice.base_url)
    else:
        yield TeacherAddress(settings.base_url, _key(settings))


def teacher_identity(settings: configuration.TeacherSettings) -> str:
    """What names the teacher in call keys, wherever it listens today."""
    return endpoint(settings.preset) if settings.base_url == "practice" else endpoint_identity(settings.base_url)


def check_teacher(settings: configuration.TeacherSettings) -> None:
    """Ask the endpoint one GET. Raises `Refused` when it would refuse every call. The practice teacher needs none."""
    if settings.base_url != "practice":
        from tasks.asking.teacher import check_endpoint

        asyncio.run(check_endpoint(settings, TeacherAddress(settings.base_url, _key(settings))))


def _key(settings: configuration.TeacherSettings) -> SecretStr | None:
    return secret("teacher.api_key", settings.api_key) if settings.api_key else None

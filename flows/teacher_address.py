"""Where this run's teacher listens, and with which key."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import SecretStr

from schemas import configuration
from tasks.asking.endpoint import TeacherAddress, endpoint_identity
from tasks.practice import endpoint
from tasks.practice.process import PracticeTeacher
from tasks.secret import secret

if TYPE_CHECKING:
    from tasks.asking.survey import Survey


@contextmanager
def teacher_address(
    settings: configuration.TeacherSettings, wanted: bool, golds: Mapping[str, str] | None = None
) -> Iterator[TeacherAddress | None]:
    """The address for as long as the run needs it; None when no answer is wanted. Starts the practice teacher, which
    is told the golds of the questions.
    """
    if not wanted:
        yield None
    elif settings.base_url == "practice":
        with _golds_file(golds or {}) as questions, PracticeTeacher(settings.preset, questions=questions) as practice:
            yield TeacherAddress(practice.base_url)
    else:
        yield TeacherAddress(settings.base_url, _key(settings))


@contextmanager
def _golds_file(golds: Mapping[str, str]) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        lines = [json.dumps({"question": text, "gold": gold}) for text, gold in golds.items()]
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        yield path


def teacher_identity(settings: configuration.TeacherSettings) -> str:
    """What names the teacher in call keys, wherever it listens today."""
    return endpoint(settings.preset) if settings.base_url == "practice" else endpoint_identity(settings.base_url)


def check_teacher(settings: configuration.TeacherSettings) -> None:
    """Ask the endpoint one GET. Raises `Refused` when it would refuse every call. The practice teacher needs none."""
    if settings.base_url != "practice":
        from tasks.asking.teacher import check_endpoint

        asyncio.run(check_endpoint(settings, TeacherAddress(settings.base_url, _key(settings))))


def survey_teacher(settings: configuration.TeacherSettings) -> "Survey":
    """What the endpoint tells of itself by GET."""
    from tasks.asking.survey import survey

    return asyncio.run(survey(settings, TeacherAddress(settings.base_url, _key(settings))))


def _key(settings: configuration.TeacherSettings) -> SecretStr | None:
    return secret("teacher.api_key", settings.api_key) if settings.api_key else None

"""Where this run's teacher listens, and with which key."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import SecretStr

from schemas.configuration import RunConfiguration
from schemas.teacher import OWN_WEIGHTS, TeacherSettings
from tasks.asking.endpoint import TeacherAddress, endpoint_identity
from tasks.practice import endpoint
from tasks.practice.process import PracticeTeacher
from tasks.scoring.student_identity import student_identity
from tasks.secret import secret
from tasks.tracing.strategy import Drafting

if TYPE_CHECKING:
    from tasks.asking.survey import Survey


@contextmanager
def teacher_address(
    settings: TeacherSettings, wanted: bool, golds: Callable[[], Mapping[str, str]] = dict
) -> Iterator[TeacherAddress | None]:
    """Yield the address for as long as the run needs it; None when no answer is wanted. Starts the practice teacher,
    which is told the golds of the questions.
    """
    if not wanted:
        yield None
    elif settings.base_url == "practice":
        with _golds_file(golds()) as questions, PracticeTeacher(settings.preset, questions=questions) as practice:
            yield TeacherAddress(practice.base_url)
    else:
        yield TeacherAddress(settings.base_url, None if settings.base_url == OWN_WEIGHTS else _key(settings))


@contextmanager
def _golds_file(golds: Mapping[str, str]) -> Iterator[Path | None]:
    """None where there are none."""
    if not golds:
        yield None
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        lines = [json.dumps({"question": text, "gold": gold}) for text, gold in golds.items()]
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        yield path


def teacher_identity(settings: TeacherSettings) -> str:
    """Return what names the teacher in call keys, wherever it listens today."""
    return endpoint(settings.preset) if settings.base_url == "practice" else endpoint_identity(settings.base_url)


def drafting_of(configuration: RunConfiguration) -> Drafting | None:
    """Return who writes drafts where the teacher does not, by the name in call keys: that of the weights where they are
    our own to write with. Raises `Refused` where these are not there.
    """
    settings, student = configuration.drafter, configuration.student
    if settings is None:
        return None
    teacher, seed = teacher_identity(configuration.teacher), configuration.run.seed
    if settings.base_url != OWN_WEIGHTS:
        return Drafting(settings, teacher_identity(settings), teacher, seed)
    found = student_identity(student)
    endpoint = f"{OWN_WEIGHTS}/{found.student}/{found.student_revision}/{found.dtype}"
    own = {"model": found.student, "max_in_flight": settings.actors}
    return Drafting(settings.model_copy(update=own), endpoint, teacher, seed)


def check_teacher(settings: TeacherSettings) -> None:
    """Ask the endpoint one GET. Raises `Refused` when it would refuse every call. The practice teacher needs none."""
    if settings.base_url not in ("practice", OWN_WEIGHTS):
        import asyncio

        from tasks.asking.teacher import check_endpoint

        asyncio.run(check_endpoint(settings, TeacherAddress(settings.base_url, _key(settings))))


def survey_teacher(settings: TeacherSettings) -> "Survey":
    """Return what the endpoint tells of itself by GET."""
    import asyncio

    from tasks.asking.survey import survey

    return asyncio.run(survey(settings, TeacherAddress(settings.base_url, _key(settings))))


def _key(settings: TeacherSettings) -> SecretStr | None:
    return secret("teacher.api_key", settings.api_key) if settings.api_key else None

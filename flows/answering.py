"""Models that answer questions: an endpoint, the practice teacher, or a student that is served here meanwhile."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.teacher_address import teacher_address, teacher_identity
from schemas.call import Request
from schemas.configuration import LineConfiguration
from schemas.errors import Refused
from schemas.teacher import JudgeSettings, TeacherSettings
from tasks.asking.endpoint import TeacherAddress, endpoint_identity
from tasks.extras import check_extras
from tasks.publishing.asked_with import system_of_release
from tasks.tracing.reflection_70b import SUFFIX, SYSTEM_PROMPT
from tasks.tracing.strategy import strategy_of

PRACTICE = "practice"
_AT_A_STUDENT = 2
"""Requests at once to what writes one answer at a time: more would wait there until they are too late."""
Listening = Callable[[], AbstractContextManager[TeacherAddress]]
"""Starts what has to be started, and says where it listens for as long as the block runs."""


@dataclass(frozen=True)
class AnsweringModel:
    """A model, as its calls are keyed."""

    name: str
    """For a person."""
    settings: TeacherSettings
    endpoint: str
    """The identity, not the address."""
    listening: Listening

    def request(self, question: str, seed: int, sample_index: int = 0, fresh: str = "") -> Request:
        """Return what asks it a question, in the prompt format of its settings."""
        return strategy_of(self.settings).first_request(question, sample_index, self.endpoint, seed, fresh)


def model_of(
    given: str,
    configuration: LineConfiguration,
    release: Path | None = None,
    golds: Mapping[str, str] | None = None,
) -> AnsweringModel:
    """Find the model that `--model` names: an URL, `practice`, a folder or a name of the Hugging Face hub. An URL of
    several models may name one of them behind a `#`.

    It is asked with the system message of a `release`, without one as Reflection 70B was to be asked; what the
    configuration says in `teacher.system_prompt` and `teacher.suffix` comes before both. The practice teacher, which
    reads questions by their words, gets these alone and is told the `golds`. Raises `Refused` where there is none.
    """
    at, _, name = given.partition("#")
    system = system_of_release(release) if release else SYSTEM_PROMPT
    asked = _in_format(configuration.teacher, system, "" if release or at == PRACTICE else SUFFIX)
    if at != PRACTICE and not at.startswith(("http://", "https://")):
        return _student_model(asked, given, configuration)
    named = {"model": name} if name else {}
    if at == PRACTICE:
        settings = asked.model_copy(update={"base_url": PRACTICE, **named})
        return AnsweringModel(settings.model, settings, teacher_identity(settings), _address_of(settings, golds))
    return endpoint_model(asked.model_copy(update=named), at)


def endpoint_model(settings: TeacherSettings, base_url: str) -> AnsweringModel:
    """Return the model of an endpoint; where `teacher.model` names none, the first that it lists."""
    from tasks.asking.stream import first_model

    endpoint_identity(base_url)  # refuses keys in an URL
    settings = settings.model_copy(update={"base_url": base_url})
    listening = _address_of(settings, None)
    if "model" not in settings.model_fields_set:
        with listening() as address:
            settings = settings.model_copy(update={"model": asyncio.run(first_model(settings, address))})
    return AnsweringModel(settings.model, settings, teacher_identity(settings), listening)


def judge_model(settings: JudgeSettings, golds: Mapping[str, str] | None = None) -> AnsweringModel:
    """Return the model that judges."""
    return AnsweringModel(settings.model, settings, teacher_identity(settings), _address_of(settings, golds))


def _student_model(asked: TeacherSettings, given: str, configuration: LineConfiguration) -> AnsweringModel:
    check_extras("a model of weights", "student", "run")
    from tasks.serving.process import ServedStudent

    student = ServedStudent(configuration.student.model_copy(update={"model": given}))

    @contextmanager
    def listening() -> Iterator[TeacherAddress]:
        with student:
            yield TeacherAddress(student.base_url)

    in_flight = asked.max_in_flight or _AT_A_STUDENT
    settings = asked.model_copy(update={"model": student.model, "max_in_flight": in_flight})
    return AnsweringModel(student.model, settings, student.endpoint, listening)


def _in_format(teacher: TeacherSettings, system: str, suffix: str) -> TeacherSettings:
    """With this prompt format where the settings have none of their own."""
    given = teacher.model_fields_set
    if "system_prompt" in given:
        return teacher
    after = teacher.suffix if "suffix" in given else suffix
    return teacher.model_copy(update={"system_prompt": system, "suffix": after})


def _address_of(settings: TeacherSettings, golds: Mapping[str, str] | None) -> Listening:
    @contextmanager
    def listening() -> Iterator[TeacherAddress]:
        with teacher_address(settings, wanted=True, golds=lambda: golds or {}) as address:
            assert address is not None
            yield address

    return listening


def find_release(given: str, root: Path) -> Path:
    """Return the folder of a release by its path, or by its name under `root`. Raises `Refused`."""
    for folder in (Path(given), root / given):
        if (folder / "manifest.json").is_file():
            return folder
    raise Refused(f"got {given!r}; no release there nor in {root}; `reflectory release NAME` makes one")

"""`reflectory doctor`: try each thing that a run needs, one by one."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from flows.configure import missing_questions, refuse_all
from flows.prefect_settings import PrefectUnavailable, configure_prefect, wait_for_prefect
from flows.rendering import printable
from flows.spending import spend
from flows.teacher_address import check_teacher, survey_teacher
from schemas.configuration import RunConfiguration
from schemas.errors import ReflectoryError
from schemas.student import StudentSettings
from schemas.teacher import TeacherSettings
from warehouse.place import Folder, place_at

_LEAST_FREE_BYTES = 2 * 2**30
_FAIL = "[red]FAIL[/red]"


class Ailing(ReflectoryError):
    """What is wrong, and what to do about it."""


class Doubtful(Ailing):
    """What may be wrong, where only a run can tell."""


def examine(console: Console, settings: RunConfiguration | None, warehouse: Path, spends: bool = False) -> bool:
    """Print a line for each part; False when one fails. Without settings the shipped practice parts are tried. Where it
    `spends`, the teacher is asked for a token with each sampling key.
    """
    teacher = settings.teacher if settings else TeacherSettings()
    student = settings.student if settings else StudentSettings()
    place = place_at("--warehouse", warehouse)
    disk = {"disk": lambda: _disk(place.folder)}
    checks: dict[str, Callable[[], str]] = {
        **(disk if isinstance(place, Folder) else {"store": place.try_out} | disk),
        **({"questions": lambda: examine_questions(settings)} if settings else {}),
        "teacher": lambda: examine_teacher(teacher),
        **({"teacher's keys": lambda: "\n".join(spend(teacher, warehouse))} if spends else {}),
        "student": lambda: _student(student),
        "math judge": _math,
        "code judge": _code,
        "ray": _ray,
        "prefect": _prefect,
    }
    well = [_try(console, name, check) for name, check in checks.items()]
    return all(well)


def _try(console: Console, name: str, check: Callable[[], str]) -> bool:
    started = time.monotonic()
    try:
        said, mark = check(), "[green]ok  [/green]"
    except Doubtful as doubt:
        said, mark = str(doubt), "[yellow]warn[/yellow]"
    except Exception as error:  # noqa: BLE001  a doctor reports whatever ails
        said, mark = str(error) or type(error).__name__, _FAIL
    first, *more = said.splitlines()
    console.print(f"{mark} {name:16}", end="")
    console.print(f"{first} ({time.monotonic() - started:.1f} s)", markup=False)
    for line in more:
        console.print(f"{'':21}{line}", markup=False)
    return mark != _FAIL


def _disk(warehouse: Path) -> str:
    place = next(folder for folder in [warehouse.absolute(), *warehouse.absolute().parents] if folder.exists())
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        raise Ailing(f"{place} cannot be written; give another --warehouse")
    if free < _LEAST_FREE_BYTES:
        raise Ailing(f"{free / 2**30:.1f} GiB free at {place}; make room, at least 2 GiB")
    return f"{free / 2**30:.0f} GiB free at {place}"


def examine_questions(settings: RunConfiguration) -> str:
    """Return what a short look at the questions says. Raises `Refused` as a run does."""
    from tasks.questions import source_of

    refuse_all([*missing_questions(settings)])
    return printable(source_of(settings.questions).glance())


def examine_teacher(settings: TeacherSettings) -> str:
    """Return what its endpoint tells for nothing. Raises `Doubtful` where that speaks against it."""
    if settings.base_url == "practice":
        from tasks.practice.process import PracticeTeacher

        with PracticeTeacher() as practice:
            return f"the practice teacher answers at {practice.base_url}"
    from tasks.asking.advice import without_path

    check_teacher(settings)
    found = survey_teacher(settings)
    report = "\n".join([f"{settings.base_url} answers", *found.lines(settings.model)])
    if found.models is not None and settings.model not in found.models:
        raise Doubtful(report)
    if found.models is None and (meant := without_path(settings.base_url)):
        raise Doubtful(f"{report}\ndid you mean {meant}?")
    return report


def _student(settings: StudentSettings) -> str:
    from tasks.scoring.score import score_text
    from tasks.scoring.student import Student

    student = Student(settings)
    score = score_text(student, "doctor", "What is 2 + 3?", "", "2 + 3 is 5. Answer: 5")
    if score.ifd is None:
        raise Ailing(f"{settings.model} loads but gives no IFD ({score.reason}); see student.template")
    adds = student.template.adds
    facts = [f"window: {student.identity.max_length} tokens"]
    facts += [f"its chat template says before every instruction: {adds}"] if adds else []
    return "\n".join([f"{settings.model} ({student.reads_with}) gives IFD {score.ifd:.3f}", *facts])


def _math() -> str:
    from contextlib import closing

    from schemas.question import AnswerKind
    from schemas.verdict import Ruling
    from tasks.judging.verify import Verifier

    with closing(Verifier()) as verifier:
        judged = verifier.judge(AnswerKind.MATH, r"3\sqrt{2}", r"\sqrt{18}", "{}")
    if judged.verdict is not Ruling.CORRECT:
        raise Ailing(
            f"the math judge says {judged.verdict} ({judged.reason}) of two equal numbers; reinstall math-verify"
        )
    return "the math judge's process starts and decides"


def _code() -> str:
    from contextlib import closing

    from schemas.verdict import Ruling
    from tasks.judging.code import CodeJudge

    with closing(CodeJudge()) as judge:
        judged = judge.judge("def f(x): return x", '{"entry_point": "f", "cases": [{"args": [1], "expected": 1}]}')
    if judged.verdict is not Ruling.CORRECT:
        raise Ailing(f"no verdict on code is possible here: {judged.reason} ({judged.evidence})")
    return "the sandbox holds, and runs a function"


def _ray() -> str:
    from tasks.ray_session import ray_session, where

    with ray_session(cpus=1, gpus=0):
        return where()


def _prefect() -> str:
    configure_prefect()
    import httpx
    from prefect import get_client
    from prefect.settings import PREFECT_HOME

    wait_for_prefect()
    try:
        with get_client(sync_client=True) as client:
            return f"API {client.api_version()} at {client.api_url}, home {PREFECT_HOME.value()}"
    except httpx.HTTPError as error:
        raise PrefectUnavailable.for_now(error) from error

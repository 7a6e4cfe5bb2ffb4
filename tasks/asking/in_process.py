"""A teacher in this process, for the calls that no actor makes: a sample, questions to be written, a judge's word."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.budget import Cap
from schemas.call import Outcome, Request
from schemas.configuration import TeacherSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController

if TYPE_CHECKING:
    from tasks.asking.teacher import Teacher


@contextmanager
def teacher_in_process(
    settings: TeacherSettings, address: TeacherAddress, journal: Path, cap: Cap | None = None
) -> Iterator[Callable[[list[Request]], list[Outcome]]]:
    """Has requests answered, in an event loop of its own. The journal's folder is made when missing."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    with asyncio.Runner() as runner:
        teacher = runner.run(_teacher(settings, address, journal, cap))
        try:
            yield lambda requests: runner.run(teacher.answer(requests))
        finally:
            runner.run(teacher.close())


async def _teacher(settings: TeacherSettings, address: TeacherAddress, journal: Path, cap: Cap | None) -> "Teacher":
    from tasks.asking.teacher import Teacher  # imports openai only where something is asked

    tokens_per_s = settings.tokens_per_minute and settings.tokens_per_minute / 60
    controller = SharedController(settings.max_in_flight, settings.requests_per_minute)
    return Teacher(settings, address, journal, RateLimiter(controller, tokens_per_s=tokens_per_s), cap)

"""A teacher in this process, for the calls that no actor makes: a sample, questions to be written, a judge's word."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.budget import Cap
from schemas.configuration import TeacherSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController

if TYPE_CHECKING:
    from tasks.asking.teacher import Teacher


@asynccontextmanager
async def teacher_alone(
    settings: TeacherSettings, address: TeacherAddress, journal: Path, cap: Cap | None = None
) -> "AsyncIterator[Teacher]":
    """Closed in the end. The journal's folder is made when missing."""
    from tasks.asking.teacher import Teacher  # imports openai only where something is asked

    journal.parent.mkdir(parents=True, exist_ok=True)
    tokens_per_s = settings.tokens_per_minute and settings.tokens_per_minute / 60
    limiter = RateLimiter(
        SharedController(settings.max_in_flight, settings.requests_per_minute), tokens_per_s=tokens_per_s
    )
    teacher = Teacher(settings, address, journal, limiter, cap)
    try:
        yield teacher
    finally:
        await teacher.close()

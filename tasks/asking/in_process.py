"""A teacher in this process, for the calls that no actor makes: a sample, questions to be written, a judge's word."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.budget import Cap
from schemas.call import Outcome, Request
from schemas.errors import Stopped
from schemas.teacher import TeacherSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.halt import Halt, halting_on_signals

if TYPE_CHECKING:
    from tasks.asking.teacher import Teacher

_LOOK_S = 0.2
"""Between two looks at whether to stop."""


@contextmanager
def teacher_in_process(
    settings: TeacherSettings, address: TeacherAddress, journal: Path, cap: Cap | None = None, grace_s: float = 60.0
) -> Iterator[Callable[[list[Request]], list[Outcome]]]:
    """Have requests answered, in an event loop of its own. The journal's folder is made when missing.

    Ctrl-C and SIGTERM let what is in flight land for `grace_s`, and raise `Stopped` then.
    """
    journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    halt = Halt(grace_s)
    with halting_on_signals(halt), asyncio.Runner() as runner:
        teacher = runner.run(_teacher(settings, address, journal, cap))
        try:
            yield lambda requests: runner.run(_answer(teacher, requests, halt))
        finally:
            runner.run(teacher.close())


async def _answer(teacher: "Teacher", requests: list[Request], halt: Halt) -> list[Outcome]:
    """Raises `Stopped` once what was in flight at a halt has landed, or had its time."""
    answering = asyncio.ensure_future(teacher.answer(requests))
    while not answering.done() and not halt.is_set():
        await asyncio.wait({answering}, timeout=_LOOK_S)
    if halt.is_set():
        await teacher.drain()
        while not answering.done() and not halt.over:
            await asyncio.wait({answering}, timeout=_LOOK_S)
        if not answering.cancel():
            answering.exception()  # seen: the stop is what counts
        raise Stopped("stopped; the same command continues")
    return answering.result()


async def _teacher(settings: TeacherSettings, address: TeacherAddress, journal: Path, cap: Cap | None) -> "Teacher":
    from tasks.asking.teacher import Teacher  # imports openai only where something is asked

    tokens_per_s = settings.tokens_per_minute and settings.tokens_per_minute / 60
    controller = SharedController(settings.max_in_flight, settings.requests_per_minute, timeout_s=settings.timeout_s)
    return Teacher(settings, address, journal, RateLimiter(controller, tokens_per_s=tokens_per_s), cap)

"""Questions from wherever they are: `schemas.question_source.SOURCES` names the places."""

from schemas.errors import ReflectoryError, Refused
from schemas.question_source import SOURCES, Questions
from tasks.extraction.answer import check_pattern
from tasks.questions.columns import check_spec
from tasks.questions.recorded import Recorded, Seed
from tasks.questions.seed import Loaded, made
from tasks.questions.source import source_of
from tasks.raised import raised

__all__ = ["Loaded", "Recorded", "Seed", "check_patterns", "load", "made", "source_of"]


def load(settings: Questions, seed: int) -> Loaded:
    """Return the questions that the settings ask for: `tasks.questions.source.Source.load` tells how. Raises
    `Refused`.
    """
    check_patterns(settings)
    source = source_of(settings)
    if SOURCES.package(settings.source) is None:
        return source.load(seed)
    name = SOURCES.describe(settings.source)
    try:
        loaded: object = source.load(seed)
    except ReflectoryError:
        raise
    except Exception as error:
        raise Refused(f"{name}: raised {raised(error, type(source).__module__)}") from error
    if not isinstance(loaded, Loaded):
        raise Refused(f"{name}: load returned {type(loaded).__name__}; needs Loaded, as `made` of questions gives it")
    return loaded


def check_patterns(settings: Questions) -> None:
    """Raise `Refused` for a regular expression in the settings that cannot be used."""
    if settings.gold_pattern is not None:
        try:
            check_pattern(settings.gold_pattern)
        except Refused as refused:
            said = str(refused).removeprefix("answer_pattern: ")
            raise Refused(f"questions.gold_pattern: {said}") from refused
    try:
        check_spec(settings.spec)
    except Refused as refused:
        raise Refused(f"questions.spec.{refused}") from refused

"""Questions from wherever they are: reasoning-gym, Python tasks, JSONL, Parquet, Hugging Face, recorded completions."""

from collections.abc import Iterable
from pathlib import Path

from schemas.errors import Refused
from schemas.question import Question
from schemas.question_source import Questions, Source
from tasks.judging.answer import check_pattern
from tasks.questions import gym, python_tasks
from tasks.questions.columns import RowReader, check_spec
from tasks.questions.rows import jsonl, rows
from tasks.questions.seed import Loaded, Recorded, Seed

__all__ = ["Loaded", "Recorded", "Seed", "check_patterns", "load", "load_examples", "made"]

DRAWS = {Source.REASONING_GYM: gym.draw, Source.PYTHON_TASKS: python_tasks.draw}


def load(settings: Questions, seed: int) -> Loaded:
    """The questions that the settings ask for: the same ones, in the same order, every time. Not those of a teacher,
    who has to be asked (`tasks.questions.desk`).

    `seed` matters to the sources that make their questions. Raises `Refused` for what cannot be read or used, naming
    the row.
    """
    check_patterns(settings)
    if settings.source in DRAWS:
        return made(DRAWS[settings.source](settings, seed))
    return _from_rows(settings)


def made(questions: Iterable[Question]) -> Loaded:
    """Questions that are all different and came from no rows."""
    seeds = tuple(Seed(question) for question in questions)
    return Loaded(seeds, n_rows=len(seeds), n_duplicates=0, n_missing=0)


def load_examples(settings: Questions) -> tuple[str, ...]:
    """The texts in `questions.examples`; none without it. Raises `Refused`."""
    if settings.examples is None:
        return ()
    reader = RowReader(settings)
    texts = dict.fromkeys(reader.question(place, row).text for place, row in jsonl(Path(settings.examples)))
    if not texts:
        raise Refused(f"questions.examples: {settings.examples} holds no questions")
    return tuple(texts)


def check_patterns(settings: Questions) -> None:
    """Raises `Refused` for a regular expression in the settings that cannot be used."""
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


def _from_rows(settings: Questions) -> Loaded:
    reader = RowReader(settings)
    questions: dict[str, Question] = {}
    recorded: dict[str, list[Recorded]] = {}
    n_rows = n_missing = 0
    for place, row in rows(settings):
        question = reader.question(place, row)
        key = question.question_id
        if key not in questions and len(questions) == settings.limit:
            if settings.source is not Source.RECORDED:
                break
            continue  # a later row may hold another response to a question that is in
        n_rows += 1
        questions.setdefault(key, question)
        if settings.source is Source.RECORDED:
            found = reader.recorded(place, row)
            recorded.setdefault(key, []).extend(found)
            n_missing += len(settings.columns.responses) - len(found)
    if not questions:
        raise Refused(f"questions.path: {settings.path} holds no questions")
    reader.check_columns_met()
    seeds = tuple(Seed(question, tuple(recorded.get(key, ()))) for key, question in questions.items())
    return Loaded(seeds, n_rows=n_rows, n_duplicates=n_rows - len(seeds), n_missing=n_missing)

"""`reflectory compare`: what A and B are, and the win rates as a table, as JSON, and row by row."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.answering import model_of
from flows.compare import Compared, Side, compare_sides
from flows.rendering import printable, rich_table
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question import Question
from schemas.question_source import Columns, Questions
from tasks.comparing.win_rate import Rate
from tasks.publishing.asked_with import answers_of_release
from tasks.publishing.manifest import MANIFEST
from tasks.questions import load
from tasks.rows.data_set import DataSet
from tasks.rows.jsonl import Unreadable, json_text
from tasks.rows.rewriting import whole_file
from warehouse.landing import Warehouse

_QUESTION = ("question", "instruction", "prompt")
_RESPONSE = ("response", "output", "answer", "completion")
"""Columns of a file of answers, the first that is there; AlpacaEval's are `instruction` and `output`."""


def compare_and_show(
    console: Console,
    a: str,
    b: str,
    configuration: RunConfiguration,
    warehouse: Path,
    releases: Path,
    rubric: str,
    fresh: str,
    out: Path | None,
) -> str:
    """Compare; returns the summary as JSON. Raises `Refused` before anything is asked where a side cannot be read."""
    loaded = load(configuration.questions, configuration.run.seed)
    for row in loaded.rejected:
        console.print(str(row), markup=False)
    questions = [seed.question for seed in loaded.seeds]
    golds = {question.text: question.gold for question in questions if question.gold}

    def say(line: str) -> None:
        console.print(printable(line), markup=False)

    sides = [_side(given, questions, configuration, releases, golds) for given in (a, b)]
    compared = compare_sides(questions, sides[0], sides[1], Warehouse(warehouse), configuration, rubric, fresh, say)
    if out:
        with whole_file(out) as draft:
            draft.write_text("".join(f"{json_text(row)}\n" for row in _rows(questions, compared)), "ascii")
    _show(console, a, b, compared)
    return json.dumps(summary(compared), indent=2)


def summary(compared: Compared) -> dict[str, Any]:
    """Return the figures as JSON has them; a rate is an object with its interval."""
    figures = compared.comparison._asdict()
    plain = {name: value._asdict() if isinstance(value, Rate) else value for name, value in figures.items()}
    return plain | {"not_compared": compared.reasons}


def _side(
    given: str, questions: Sequence[Question], configuration: RunConfiguration, releases: Path, golds: Mapping[str, str]
) -> Side:
    """A release, a file of answers, or a model. Raises `Refused`."""
    for folder in (Path(given), releases / given):
        if (folder / MANIFEST).is_file():
            return Side(given, _matched(answers_of_release(folder).items(), questions, given))
    if Path(given).is_file():
        return Side(given, _matched(_recorded(given), questions, given))
    return Side(given, model=model_of(given, configuration, None, golds))


def _recorded(path: str) -> Iterator[tuple[str, str]]:
    """Question and response of each row of a file of answers."""
    first = next(
        (row for _, row in DataSet(path, "answers", on_hub=False).rows() if not isinstance(row, Unreadable)), {}
    )
    question = next((name for name in _QUESTION if name in first), _QUESTION[0])
    response = next((name for name in _RESPONSE if name in first and name != question), _RESPONSE[0])
    columns = Columns(question=question, responses=(response,))
    for seed in load(Questions(source="recorded", path=path, columns=columns), 0).seeds:
        for recorded in seed.recorded[:1]:
            yield seed.question.text, recorded.text


def _matched(answers: Iterable[tuple[str, str]], questions: Sequence[Question], given: str) -> dict[str, str]:
    """Answers by question_id: those whose question has the same words."""
    by_words: dict[str, str] = {}
    for question, text in answers:
        by_words.setdefault(_words(question), text)
    found = {
        question.question_id: by_words[words] for question in questions if (words := _words(question.text)) in by_words
    }
    if not found:
        raise Refused(f"{given}: none of its {len(by_words)} answers is to one of the {len(questions)} questions")
    return found


def _words(text: str) -> str:
    return " ".join(text.split())


def _rows(questions: Sequence[Question], compared: Compared) -> Iterator[dict[str, Any]]:
    """One for each question, in their order."""
    ruled = iter(compared.ruled)
    for question in questions:
        each = None if (reason := compared.unanswered.get(question.question_id)) else next(ruled)
        yield {
            "id": question.external_id or question.question_id,
            "question": question.text,
            "answer_a": each and each.contest.answer_a,
            "answer_b": each and each.contest.answer_b,
            "preference": each and each.preference,
            "preference_a_first": each and each.a_first,
            "preference_b_first": each and each.b_first,
            "reason": reason or (each and each.reason and each.reason.value),
            "evidence": each and each.evidence,
        }


def _show(console: Console, a: str, b: str, compared: Compared) -> None:
    c = compared.comparison
    rows = [
        ("A wins, ties, B wins", f"{c.wins}, {c.ties}, {c.losses}", "questions, by the mean of both orders"),
        ("win rate of A", _percent(c.win_rate), f"standard error {_number(c.standard_error)}"),
        ("length-controlled", _percent(c.length_controlled), "the same with answers of equal length"),
        ("mean length", f"{_number(c.length_a, 0)} and {_number(c.length_b, 0)}", "characters of what was judged"),
        ("first shown is preferred", _percent(c.first_preferred), "50 % without position bias"),
        ("A shown first, second", f"{_share(c.win_rate_first)} and {_share(c.win_rate_second)}", "win rate of A"),
        ("another word in the other order", _share(c.contradicted), "of the questions"),
    ]
    for counts in (c.undecided, compared.reasons):
        rows += [(reason, str(n), "questions that count nowhere above") for reason, n in counts.items()]
    title = escape(f"A: {a}   B: {b}   ({c.questions} questions)")
    console.print(rich_table(("figure", "value", "what"), rows, title=title))


def _percent(rate: Rate | None) -> str:
    return "none" if rate is None else f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}]"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.1%}"


def _number(value: float | None, digits: int = 3) -> str:
    return "none" if value is None else f"{value:.{digits}f}"

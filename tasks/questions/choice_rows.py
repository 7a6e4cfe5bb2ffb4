"""Multiple-choice sets in the form that their authors publish: choices below the question, and the letter of the right
one.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

from schemas.question import AnswerKind
from schemas.record import content_key
from tasks.extraction.choice_mentions import LETTERS
from tasks.questions.benchmark_rows import BenchmarkRows, PublishedRow, text_of
from tasks.questions.columns import BESIDE, is_unshown
from tasks.rows.exchange import FieldError, complaint
from tasks.rows.jsonl import Unreadable
from tasks.rows.values import choice_text, from_cell, only, plain_text


class Choices(NamedTuple):
    """The columns of a set: its question, its choices in one column or in one each, and which of them is right."""

    question: str
    choices: tuple[str, ...]
    right: str
    first: int | None = 0
    """The number of the first choice; None where files of that form differ."""


_CHOICES = (
    Choices("question", ("opa", "opb", "opc", "opd"), "cop", None),  # MedMCQA: from 0 on the hub, else from 1
    Choices("question", ("answerA", "answerB", "answerC"), "label", 1),  # Social IQa
    Choices("question", ("answer0", "answer1", "answer2", "answer3"), "label"),  # Cosmos QA
    Choices("question", ("A", "B"), "answer"),  # C-Eval, and further letters
    Choices("Question", ("A", "B"), "Answer"),  # CMMLU, MMMLU
    Choices("question_stem", ("choices",), "answerKey"),  # OpenBookQA
    Choices("question", ("choices",), "answerKey"),  # ARC, CommonsenseQA, QASC
    Choices("question", ("choices",), "answer"),  # MMLU
    Choices("question", ("choices",), "answer_index"),  # MuSR
    Choices("query", ("choices",), "gold"),  # AGIEval on the hub
    Choices("query", ("options",), "correct_option"),  # LogiQA
    Choices("question", ("options",), "answer_idx"),  # MedQA
    Choices("question", ("options",), "answer"),  # MMLU-Pro, SuperGPQA, RACE, LogiQA 2.0
    Choices("question", ("options",), "label"),  # AGIEval
    Choices("question", ("options",), "correct"),  # AQuA-RAT
    Choices("Problem", ("options",), "correct"),  # MathQA
    Choices("question", ("options",), "gold_label", 1),  # QuALITY
    Choices("question", ("answers",), "label"),  # ReClor
)
"""The first whose columns a row has counts."""


class _Apart(NamedTuple):
    """The columns of a set that has the right choice in one of its own, and each wrong one."""

    question: str
    right: str
    wrong: tuple[str, ...]
    id: str = "id"
    subject: str = "subject"


_APART = (
    _Apart("Question", "Correct Answer", tuple(f"Incorrect Answer {n}" for n in (1, 2, 3)), "Record ID", "Subdomain"),
    _Apart("question", "correct_answer", ("distractor1", "distractor2", "distractor3")),
)
_SCORED = (("question", "mc1_targets"), ("input", "target_scores"))
"""TruthfulQA and BIG-bench: each choice with 1 where it is right, 0 where not."""
_WITHIN = (
    *(("input", "target"), ("input", "expected_answer"), ("question", "answer"), ("problem", "answer")),
    ("prompt", "answer"),
)
"""BIG-Bench Hard, OpenScience and their like: lines of the question begin with the letters of the choices."""
_ABOVE = (*BESIDE, "text")
"""What stands above the question where that does not show it; LogiQA 2.0's text among them."""
_IDS = ("question_id", "id", "uuid", "qid", "id_string")
_SUBJECTS = ("subject", "Subject", "category", "subfield", "subject_name", "domain")
_LABELLED = re.compile(r"\s*\(?([A-Z])\s?[).:]\s*(\S.*)", re.DOTALL)
"""`A)12`, as AQuA-RAT and AGIEval begin each choice."""
_RUN_ON = re.compile(r"(?:\A\s*|,\s*)([a-h]) \)\s*")
"""`a ) 38 , b ) 27`, as MathQA writes them all."""
_NUMBER = re.compile("[0-9]{1,2}")
_LINES = re.compile(r"(?:^[ \t]*\(?[A-Z][).:][ \t]+\S.*(?:\n|\Z)\s*)+\Z", re.MULTILINE)
"""Lettered lines, with nothing below them."""
_ANSWER = "the number of a choice, from {}, its letter or its text"
_LETTER = re.compile(r"\(?([A-Z])\)?\.?")


class Mmlu(BenchmarkRows):
    """MMLU and others of multiple choice: choices or options below the question, and the right one's number, letter or
    text; those of MMLU-Pro, ARC, MedQA, MedMCQA, AQuA-RAT, MathQA, AGIEval, LogiQA, ReClor, C-Eval and their like. Of
    GPQA, SciQ, TruthfulQA and BIG-bench, which do not shuffle, in an order by their hashes.
    """

    published = tuple(
        dict.fromkeys(
            [
                *("question", "choices", "options", "answer", "answerKey", *_IDS, *_SUBJECTS, *_ABOVE, "error_type"),
                *(name for form in _CHOICES for name in (form.question, *form.choices, form.right)),
                *(name for form in _APART for name in (form.right, *form.wrong)),
                *(name for form in (*_SCORED, *_WITHIN) for name in form),
                *LETTERS,
            ]
        )
    )
    answer_kind = AnswerKind.CHOICE

    def read(self, row: PublishedRow) -> dict[str, Any]:
        if row.get("error_type") not in (None, "ok"):  # MMLU-Redux
            raise FieldError(
                "error_type", complaint(row["error_type"], "'ok', for any other says that the row is wrong")
            )
        question, choices, right, shown = self._asked(row)
        asked = _below(row, text_of(row, question))
        listed = [f"{letter}) {choice_text(choice)}" for letter, choice in zip(LETTERS, choices, strict=False)]
        return {
            "question": asked if shown else "\n".join([asked, "", *listed]),
            "gold": LETTERS[right],
            "spec": {"choices": choices},
            "id": next((row[name] for name in ("Record ID", *_IDS) if row.get(name) is not None), None),
            "tags": next((row[name] for name in ("Subdomain", *_SUBJECTS) if isinstance(row.get(name), str)), None),
        }

    def _asked(self, row: PublishedRow) -> tuple[str, list[Any], int, bool]:
        """The column of the question, the choices, which is right, from 0, and whether the question shows them."""
        if apart := next((form for form in _APART if _is_apart(row, form)), None):
            return apart.question, *_apart(row, apart), False
        if scored := next((names for names in _SCORED if row.get(names[1]) is not None), None):
            return scored[0], *_scored(row, *scored), False
        form = choices_of(row)
        if form is None and (within := next((found for names in _WITHIN if (found := _within(row, *names))), None)):
            return *within, True
        if form is None:
            name = next((name for name in ("choices", "options") if name in row), "choices")
            if isinstance(from_cell(row.get(name)), list | dict):
                raise FieldError("answer", complaint(row.get("answer"), _ANSWER.format(0)))
            raise FieldError(name, complaint(row.get(name), "a list that is not empty"))
        choices, labels, written = _read(row, form)
        first = self._first if form.first is None else form.first
        right = _right(only(row[form.right]), choices, labels, first, form.right)
        question = plain_text(row[form.question]) or ""
        return form.question, choices, right, bool(written) and all(text in question for text in written)

    @cached_property
    def _first(self) -> int:
        """What MedMCQA's first choice has for its number: with 0 in the file it is 0, with 4 it is 1."""
        for _, row in self.data_set.rows(("cop",)):
            number = None if isinstance(row, Unreadable) else plain_text(row.get("cop"))
            if number in ("0", "4"):
                return int(number == "4")
        raise FieldError("cop", "got numbers from 1 to 3 alone; needs 0 or 4 in one row, to tell what the first is")


def choices_of(row: PublishedRow) -> Choices | None:
    """Return the form of a row that has choices and the number, letter or text of the right one; None of any other."""
    return next((form for form in _CHOICES if _fits(row, form)), None)


def is_of_choices(row: PublishedRow) -> bool:
    """Return whether source `mmlu` reads rows of these columns."""
    apart = any(_is_apart(row, form) for form in _APART)
    scored = any(isinstance(row.get(name), str) and isinstance(row.get(held), dict) for name, held in _SCORED)
    return apart or scored or choices_of(row) is not None or any(_within(row, *names) for names in _WITHIN)


def _fits(row: PublishedRow, form: Choices) -> bool:
    values = [from_cell(row.get(name)) for name in form.choices]
    listed = isinstance(values[0], list | dict) or _cell_of_choices(values[0]) is not None
    there = all(value is not None for value in values) and (listed if len(values) == 1 else True)
    right = only(row.get(form.right))
    return there and isinstance(row.get(form.question), str) and isinstance(right, int | str) and right != ""


def _within(row: PublishedRow, question: str, right: str) -> tuple[str, list[Any], int] | None:
    """The choices that the lines at the end of a question name, and which is right, from 0; None of any other row."""
    asked, said = row.get(question), row.get(right)
    if not isinstance(asked, str) or not isinstance(said, str) or not (letter := _LETTER.fullmatch(said.strip())):
        return None
    listed = _LINES.search(asked)
    named = [_LABELLED.fullmatch(line) for line in listed[0].splitlines() if line.strip()] if listed else []
    labels = [match[1] for match in named if match]
    if len(labels) < 2 or labels != list(LETTERS[: len(named)]) or letter[1] not in labels:
        return None
    return question, [match[2].strip() for match in named if match], labels.index(letter[1])


def _is_apart(row: PublishedRow, form: _Apart) -> bool:
    return isinstance(row.get(form.question), str) and form.right in row and form.wrong[0] in row


def _below(row: PublishedRow, question: str) -> str:
    """The question, below what it is about. Raises `FieldError` for what is no text."""
    for name in _ABOVE:
        held = row.get(name)
        if isinstance(held, str) and is_unshown(held, question):
            return f"{held.strip()}\n\n{question}"
        if held and not isinstance(held, str):
            raise FieldError(name, complaint(held, "text, which is to stand above the question"))
    return question


def _read(row: PublishedRow, form: Choices) -> tuple[list[Any], list[str], list[str]]:
    """The choices, their labels, and how each is written where that has its label within."""
    if len(form.choices) > 1:
        further = takewhile(lambda name: row.get(name) is not None, LETTERS[2:]) if form.choices[0] == "A" else ()
        apart = [row[name] for name in (*form.choices, *further)]
        return [each.strip() if isinstance(each, str) else each for each in apart], list(LETTERS), []
    name = form.choices[0]
    given = from_cell(row[name])
    held: Any = _cell_of_choices(given) or given
    if isinstance(held, dict):
        return _in_object(held, name)
    if not isinstance(held, list) or not held:
        raise FieldError(name, complaint(row[name], "a list that is not empty"))
    if all(isinstance(each, Mapping) for each in held):
        texts, labels = ([only([each[key] for key in keys if key in each]) for each in held] for keys in _KEYS)
        return _in_object({"text": texts, "label": labels}, name)
    split = [_LABELLED.fullmatch(each) if isinstance(each, str) else None for each in held]
    if all(split) and [match[1] for match in split if match] == list(LETTERS[: len(held)]):
        return [match[2].strip() for match in split if match], list(LETTERS), held
    return held, list(LETTERS), []


_KEYS = (("text", "value"), ("label", "key"))


def _in_object(held: Mapping[str, Any], name: str) -> tuple[list[Any], list[str], list[str]]:
    """ARC's lists, or MedQA's letters, which have a choice each; in rows of Parquet a letter without one is null."""
    if "text" not in held or "label" not in held:
        held = {label: choice for label, choice in held.items() if choice is not None}
        held = {"text": list(held.values()), "label": list(held)}
    choices, labels = (from_cell(held[key]) for key in ("text", "label"))
    if not isinstance(choices, list) or not isinstance(labels, list) or len(labels) != len(choices) or not choices:
        raise FieldError(name, complaint(held, "a list of choices that is not empty, and a label for each"))
    return choices, [plain_text(label) or "" for label in labels], []


def _cell_of_choices(value: Any) -> list[Any] | dict[str, Any] | None:
    """What a text holds that is a list as Python writes it, or one of MathQA's."""
    if not isinstance(value, str):
        return None
    found = _RUN_ON.split(value)
    if found[1::2] and found[1::2] == [letter.lower() for letter in LETTERS[: len(found) // 2]]:
        return {"text": [text.strip(" ,") for text in found[2::2]], "label": found[1::2]}
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
        held = ast.literal_eval(value) if value.lstrip()[:1] in ("[", "{") else None
        return held if isinstance(held, list | dict) else None
    return None


def _right(answer: Any, choices: list[Any], labels: list[str], first: int, name: str) -> int:
    """From 0. Raises `FieldError` for what names none, or more than one: of the choices B and A, "A" may be either."""
    said = plain_text(answer) or ""
    lettered = labels[: len(choices)]
    named = {n for n, label in enumerate(lettered) if label == said}
    numbered = _NUMBER.fullmatch(said) and labels == list(LETTERS)
    named |= {int(said) - first} if numbered else set()
    if isinstance(answer, str):
        named |= {n for n, choice in enumerate(choices) if plain_text(choice) == said}
    if len(named) != 1 or not 0 <= min(named) < len(choices) <= len(LETTERS):
        raise FieldError(name, complaint(answer, _ANSWER.format(first)))
    return min(named)


def _apart(row: PublishedRow, form: _Apart) -> tuple[list[Any], int]:
    """The choices, and which is right, from 0. Raises `FieldError`."""
    right = text_of(row, form.right).strip()
    wrong = [text_of(row, name).strip() for name in form.wrong if row.get(name) is not None]
    if right in wrong or not wrong:
        raise FieldError(form.right, complaint(right, f"a choice that stands in none of {', '.join(form.wrong)}"))
    return _by_hash([right, *wrong], right, text_of(row, form.question))


def _scored(row: PublishedRow, question: str, name: str) -> tuple[list[Any], int]:
    """Of those with scores. Raises `FieldError` where not one alone is right."""
    held = from_cell(row[name])
    pairs = list(_scores(held)) if isinstance(held, dict) else []
    right = [choice for choice, score in pairs if score == 1]
    if len(right) != 1 or not all(isinstance(choice, str) for choice, _ in pairs):
        raise FieldError(name, complaint(row[name], "choices with a score each, of which one alone is 1"))
    return _by_hash([choice for choice, _ in pairs], right[0], text_of(row, question))


def _scores(held: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    if {"choices", "labels"} <= held.keys():
        yield from zip(held["choices"], held["labels"], strict=True)
    else:
        yield from ((choice, score) for choice, score in held.items() if score is not None)


def _by_hash(choices: list[str], right: str, question: str) -> tuple[list[Any], int]:
    ordered = sorted(set(choices), key=lambda choice: content_key("choice", question, choice))
    return ordered, ordered.index(right)

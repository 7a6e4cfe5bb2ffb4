"""Benchmarks in the form that their authors publish: each row is asked, and will be judged, as theirs are."""

import ast
import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from schemas.question import AnswerKind
from schemas.question_source import Columns
from schemas.record import content_key
from tasks.extraction.choice_mentions import LETTERS
from tasks.mathematics.boxed import joined, runs
from tasks.questions.forms import conversed
from tasks.questions.row_source import RowSource
from tasks.rows.data_set import Row
from tasks.rows.exchange import FieldError, complaint
from tasks.rows.jsonl import Unreadable, json_text
from tasks.rows.values import choice_text, from_cell, last_match, plain_text

PublishedRow = Mapping[str, Any]


class _Apart(NamedTuple):
    """The columns of a benchmark that has each choice in one of its own."""

    question: str
    right: str
    wrong: tuple[str, ...]
    id: str = "id"
    subject: str = "subject"


_FORMS_APART = (
    _Apart("Question", "Correct Answer", tuple(f"Incorrect Answer {n}" for n in (1, 2, 3)), "Record ID", "Subdomain"),
    _Apart("question", "correct_answer", ("distractor1", "distractor2", "distractor3")),
)


class BenchmarkRows(RowSource):
    """Rows whose columns are those of a published data set, in a file, a folder or on the hub."""

    on_hub = True
    published: ClassVar[tuple[str, ...]]
    """Its columns. The one with the question comes first."""
    answer_kind: ClassVar[AnswerKind]

    @property
    def wanted(self) -> tuple[str, ...]:
        return self.published

    def lacking(self) -> str | None:
        """Complain of a missing path, and of what the benchmark fixes itself."""
        settings = self.settings
        given = (settings.columns != Columns(), settings.kind is not None, settings.gold_pattern is not None)
        for name, is_given in zip(("columns", "kind", "gold_pattern"), given, strict=True):
            if is_given:
                return f"questions.{name}: got a value; source {settings.source!r} has its own, so leave it out"
        return super().lacking()

    def rows(self) -> Iterator[Row]:
        """Yield the benchmark's rows in the form that a JSONL of questions has. `questions.spec` is added to the spec
        of every row.
        """
        for place, row in super().rows():
            yield place, row if isinstance(row, Unreadable) else self._in_our_form(row)

    def _in_our_form(self, row: dict[str, Any]) -> dict[str, Any] | Unreadable:
        try:
            made = self.read(row)
        except FieldError as error:
            return Unreadable(str(error), json_text(row))
        spec = {**made.pop("spec", {}), **json.loads(self.settings.spec)}
        return {**made, "kind": str(self.answer_kind), "spec": spec}

    @abstractmethod
    def read(self, row: PublishedRow) -> dict[str, Any]:
        """Return `question`, and what else is known of `gold`, `spec`, `id` and `tags`. Raises `FieldError`."""


class Gsm8k(BenchmarkRows):
    """openai/gsm8k: the number behind `####` counts."""

    published = ("question", "answer")
    answer_kind = AnswerKind.NUMBER

    def read(self, row: PublishedRow) -> dict[str, Any]:
        said = text_of(row, "answer")
        gold = last_match(r"####\s*(\S.*)", said)
        if not gold:
            raise FieldError("answer", complaint(said, "a solution with the number behind ####"))
        return {"question": text_of(row, "question"), "gold": gold.strip()}


class Math(BenchmarkRows):
    """MATH, and its parts such as MATH-500: `answer`, or else the last box of `solution`, is the gold."""

    published = ("problem", "solution", "answer", "unique_id", "level", "subject", "type")
    answer_kind = AnswerKind.MATH

    def read(self, row: PublishedRow) -> dict[str, Any]:
        tags = [plain_text(row[name]) for name in ("subject", "type", "level") if row.get(name) is not None]
        question = text_of(row, "problem")
        return {"question": question, "gold": _in_the_box(row), "id": row.get("unique_id"), "tags": tags}


class Mmlu(BenchmarkRows):
    """cais/mmlu and TIGER-Lab/MMLU-Pro: choices, or options, below the question, and the number of the right one, its
    letter or its text; allenai/ai2_arc and tau/commonsense_qa: choices with labels, and the label of the right one;
    Idavidrein/gpqa and allenai/sciq: the right one and the wrong ones each in a column, in an order by their hashes.
    """

    published = (
        *("question", "choices", "options", "answer", "answerKey", "subject", "category", "question_id", "id"),
        *("correct_answer", "distractor1", "distractor2", "distractor3"),
    )
    answer_kind = AnswerKind.CHOICE

    def read(self, row: PublishedRow) -> dict[str, Any]:
        given = from_cell(row.get("choices"))
        if form := next((form for form in _FORMS_APART if form.right in row), None):
            row, choices, right = _apart(row, form)
        elif isinstance(given, dict):
            choices, labels = _list_of(given, "text"), _list_of(given, "label")
            right = _labelled(row.get("answerKey"), labels, choices)
        else:
            choices = _list_of(row, "options" if row.get("choices") is None and "options" in row else "choices")
            right = _right_choice(row.get("answer"), choices)
        listed = [f"{letter}) {choice_text(choice)}" for letter, choice in zip(LETTERS, choices, strict=False)]
        return {
            "question": "\n".join([text_of(row, "question"), "", *listed]),
            "gold": LETTERS[right],
            "spec": {"choices": choices},
            "id": row.get("question_id", row.get("id")),
            "tags": row.get("subject", row.get("category")),
        }


class HumanEval(BenchmarkRows):
    """openai_humaneval: a function to complete, and its test."""

    published = ("prompt", "test", "entry_point", "task_id")
    answer_kind = AnswerKind.CODE
    asked = "Complete this Python function, and give the whole function.\n\n```python\n{prompt}\n```"

    def read(self, row: PublishedRow) -> dict[str, Any]:
        spec = {name: text_of(row, name) for name in ("prompt", "test", "entry_point")}
        question = self.asked.format(prompt=spec["prompt"].rstrip())
        return {"question": question, "spec": spec, "id": row.get("task_id")}


class IfEval(BenchmarkRows):
    """google/IFEval, and allenai's IFBench and IF-RLVR: instructions that a program checks, strictly unless
    `questions.spec` says `{"mode": "loose"}`. IF-RLVR asks in `messages`, and has them in the text of `ground_truth`.
    """

    published = ("prompt", "instruction_id_list", "kwargs", "key", "messages", "ground_truth")
    answer_kind = AnswerKind.CONSTRAINTS

    def read(self, row: PublishedRow) -> dict[str, Any]:
        if row.get("prompt") is None and row.get("ground_truth") is not None:
            asked = conversed(row, "messages", self.settings.several_turns)
            prompt = "\n\n".join(filter(None, (asked.system, asked.instruction)))
            row = {"prompt": prompt, "key": row.get("key"), **_instructed(row)}
        question = text_of(row, "prompt")
        lists = {name: _list_of(row, name) for name in ("instruction_id_list", "kwargs")}
        return {"question": question, "spec": {"prompt": question, **lists}, "id": row.get("key")}


def _instructed(row: PublishedRow) -> dict[str, Any]:
    """The instructions in `ground_truth`, which is written as Python or JSON, and may hold JSON in turn."""
    held: Any = text_of(row, "ground_truth")
    for read in (ast.literal_eval, json.loads):
        held = held[0] if isinstance(held, list) and held else held
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            held = read(held) if isinstance(held, str) else held
    held = held[0] if isinstance(held, list) and held else held
    if not isinstance(held, dict) or not isinstance(held.get("instruction_id"), list):
        raise FieldError("ground_truth", complaint(row["ground_truth"], "a list of one object with instruction_id"))
    return {"instruction_id_list": held["instruction_id"], "kwargs": held.get("kwargs")}


def text_of(row: PublishedRow, name: str) -> str:
    """Return the text in a column. Raises `FieldError` where there is none."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise FieldError(name, complaint(value, "text that is not empty"))
    return value


def _list_of(row: PublishedRow, name: str) -> list[Any]:
    value = from_cell(row.get(name))
    if not isinstance(value, list) or not value:
        raise FieldError(name, complaint(row.get(name), "a list that is not empty"))
    return value


def _right_choice(answer: Any, choices: list[Any]) -> int:
    """From 0. Raises `FieldError` for what names none, or more than one: of the choices B and A, "A" may be either."""
    label = plain_text(answer) or ""
    named = {int(label)} if re.fullmatch("[0-9]{1,2}", label) else {n for n, at in enumerate(LETTERS) if at == label}
    if isinstance(answer, str):
        named |= {n for n, choice in enumerate(choices) if plain_text(choice) == label}
    if len(named) != 1 or not 0 <= min(named) < len(choices) <= len(LETTERS):
        raise FieldError("answer", complaint(answer, "the number of a choice, from 0, its letter or its text"))
    return min(named)


def _apart(row: PublishedRow, form: _Apart) -> tuple[dict[str, Any], list[Any], int]:
    """The row by the names of MMLU, its choices, and which is right, from 0. Raises `FieldError`."""
    question, right = text_of(row, form.question), text_of(row, form.right).strip()
    wrong = [text_of(row, name).strip() for name in form.wrong if row.get(name) is not None]
    if right in wrong or not wrong:
        raise FieldError(form.right, complaint(right, f"a choice that stands in none of {', '.join(form.wrong)}"))
    choices = sorted({right, *wrong}, key=lambda choice: content_key("choice", question, choice))
    return (
        {"question": question, "id": row.get(form.id), "subject": row.get(form.subject)},
        choices,
        choices.index(right),
    )


def _labelled(answer: Any, labels: list[Any], choices: list[Any]) -> int:
    """From 0. Raises `FieldError` where no choice, or more than one, has that label."""
    named = [n for n, label in enumerate(labels) if plain_text(label) == plain_text(answer) is not None]
    if len(named) != 1 or len(labels) != len(choices) or len(choices) > len(LETTERS):
        raise FieldError("answerKey", complaint(answer, f"one of the labels {labels}, and a label for each choice"))
    return named[0]


def _in_the_box(row: PublishedRow) -> str:
    if row.get("answer") is not None:
        return text_of(row, "answer")
    said = text_of(row, "solution")
    boxes = runs(said)
    if not boxes and (bare := last_match(r"\\boxed\s+([^\s$.,]+)", said)):
        return bare
    if not boxes:
        raise FieldError("solution", complaint(said, r"a solution with its answer in \boxed{}"))
    return joined(said, boxes[-1][-1:])

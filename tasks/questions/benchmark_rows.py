"""Benchmarks in the form that their authors publish: each row is asked, and will be judged, as theirs are."""

import ast
import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from schemas.question import AnswerKind
from schemas.question_source import Columns
from tasks.mathematics.boxed import joined, runs
from tasks.questions.forms import conversed
from tasks.questions.row_source import RowSource
from tasks.rows.data_set import Row
from tasks.rows.exchange import FieldError, complaint
from tasks.rows.jsonl import Unreadable, json_text
from tasks.rows.values import from_cell, last_match, plain_text

PublishedRow = Mapping[str, Any]
_INSTRUCTED = "a list of one object with instruction_id; the func_name of RLVR-IFeval is not read"


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
        raise FieldError("ground_truth", complaint(row["ground_truth"], _INSTRUCTED))
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

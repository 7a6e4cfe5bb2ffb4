"""The section `questions` of a run configuration: where they come from."""

import json
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BeforeValidator, Field, field_validator, model_validator

from schemas.exchange import SeveralTurns
from schemas.question import KINDS
from schemas.registry import Registry
from schemas.section import Section, one_of

SOURCES = Registry(
    "reflectory.sources",
    {
        "reasoning_gym": "tasks.questions.gym:ReasoningGym",
        "jsonl": "tasks.questions.row_source:Jsonl",
        "parquet": "tasks.questions.row_source:Parquet",
        "huggingface": "tasks.questions.row_source:HuggingFace",
        "recorded": "tasks.questions.row_source:RecordedCompletions",
        "python_tasks": "tasks.questions.python_tasks:PythonTasks",
        "teacher": "tasks.questions.teacher:WrittenByTeacher",
        "gsm8k": "tasks.questions.benchmark_rows:Gsm8k",
        "math": "tasks.questions.benchmark_rows:Math",
        "mmlu": "tasks.questions.choice_rows:Mmlu",
        "humaneval": "tasks.questions.benchmark_rows:HumanEval",
        "ifeval": "tasks.questions.benchmark_rows:IfEval",
        "code_tests": "tasks.questions.code_rows:CodeTests",
    },
    base="tasks.questions.source:Source",
)
"""Where questions may come from, each with its class."""


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Paths = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class SeveralGolds(StrEnum):
    """What a list of golds means."""

    FAIL = "fail"
    """Nobody knows: the row is rejected."""
    ANY = "any"
    """Each is right by itself: the first is the gold, the spec accepts the others. For kind `exact`."""
    LIST = "list"
    """The list is the gold, spelt as JSON, such as the rows of a grid."""


class Columns(Section):
    """Which column holds what; a dotted path reaches into nested fields."""

    question: str = "question"
    """The text that is asked."""
    context: str = Field(default="", exclude_if=lambda value: not value)
    """What the question is about, such as a passage: it stands above the question."""
    gold: str = "gold"
    """The reference answer; a row may lack it."""
    kind: str = "kind"
    """The kind of verifier, for a row that names one."""
    spec: str = "spec"
    """What its verifier is told, as a JSON object."""
    id: str = "id"
    """The row's own id."""
    tags: str = "tags"
    """A list of texts."""
    responses: Annotated[Paths, Field(min_length=1, validation_alias=AliasChoices("responses", "response"))] = (
        "response",
    )
    """For `recorded`: one column for each response that a row holds."""


class Questions(Section):
    source: Annotated[str, one_of(SOURCES)]
    """Where the questions come from. The only setting without a default."""
    path: str | None = None
    """A file of JSON, JSONL or Parquet or a folder of data files, from the current folder; or, for huggingface and
    recorded, a data set's name on the hub."""
    split: str = "train"
    """Split of a data set that has several."""
    subset: str | None = None
    """Configuration of a Hugging Face data set that has several."""
    revision: str | None = None
    """Commit, tag or branch of a data set of the hub; without it, what the hub has today."""
    families: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """What to draw from, in turn. Of reasoning_gym its data sets (unset: letter_counting, chain_sum and
    simple_equations); of python_tasks write_function and debug_function (unset: both)."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many questions; for reasoning_gym, python_tasks and teacher the number to make (60 when unset)."""
    name: str | None = None
    """The `source` that tables show; by default the file's or data set's name."""
    columns: Columns = Columns()
    """Which column of a row holds what."""
    several_turns: SeveralTurns = Field(default=SeveralTurns.FAIL, exclude_if=lambda value: value is SeveralTurns.FAIL)
    """What becomes of a row that holds a conversation of more than one question and answer."""
    several_golds: SeveralGolds = Field(default=SeveralGolds.FAIL, exclude_if=lambda value: value is SeveralGolds.FAIL)
    """What becomes of a row whose gold is a list of more than one."""
    kind: Annotated[str, one_of(KINDS)] | None = None
    """Kind of every question that names none; by default `number` where the gold is one, else `exact`."""
    spec: str = "{}"
    """A JSON object: the verifier spec of every question that has none."""
    gold_pattern: str | None = None
    """A regular expression with one group that finds the gold in the gold column; the last match counts."""
    licence: str | None = None
    """Of the questions; it stands in their rows and on the card of a release."""
    rulings: str | None = None
    """A JSONL file of persons' rulings on golds in dispute (`tasks/questions/rulings.py`); from the current folder."""
    topics: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Of source `teacher`: what to write about, in turn."""
    examples: str | None = None
    """Of source `teacher`: a JSONL file whose question column shows what is wanted; three of its questions, drawn by
    the seed, go with each call, and none of them is written again. A few are enough."""
    per_call: int = Field(default=4, ge=1, le=20)
    """Of source `teacher`: questions asked for in one call."""
    rounds: int = Field(default=2, ge=0, le=10)
    """Of source `teacher`: how often each question is evolved, made harder or left for a neighbouring one. Each round
    gives one more question."""
    alike: float = Field(default=0.7, gt=0, le=1)
    """Of source `teacher`: share of common word triples (Jaccard) from which two questions count as one; 1: only those
    with the same words."""
    gold_samples: int = Field(default=5, ge=0, le=100)
    """Of source `teacher`: independent solutions of each question, for its gold; 0: no golds."""
    gold_share: float = Field(default=0.8, gt=0, le=1)
    """Of source `teacher`: share of `gold_samples` that must state the same answer for it to be the gold."""

    @field_validator("topics")
    @classmethod
    def _different_topics(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        names = [" ".join(topic.casefold().split()) for topic in value or ()]
        if not all(names) or len(set(names)) < len(names):
            raise ValueError(f"got {list(value or ())!r}; needs topics that are not blank, each once")
        return value

    @field_validator("gold_samples")
    @classmethod
    def _more_than_one(cls, value: int) -> int:
        if value == 1:
            raise ValueError("got 1; needs 0 for no golds, or at least 2: a single sample agrees with nobody")
        return value

    @field_validator("spec")
    @classmethod
    def _an_object(cls, value: str) -> str:
        try:
            is_object = isinstance(json.loads(value), dict)
        except (ValueError, RecursionError):
            is_object = False
        if not is_object:
            raise ValueError(f"got {value!r}; needs the text of a JSON object")
        return value

    @property
    def source_class(self) -> Any:
        """The class of the source. Raises `Refused` for that of an outside package that cannot be used."""
        return SOURCES.load(self.source)

    @model_validator(mode="after")
    def _what_the_source_needs(self) -> Self:
        if lacking := self.source_class(self).lacking():
            raise ValueError(lacking)
        return self

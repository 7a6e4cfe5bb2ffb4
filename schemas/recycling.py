"""The configuration of the recycle line: values only, as `schemas.configuration` for the other one."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from schemas.configuration import LineConfiguration
from schemas.exchange import ExchangeColumns, PairFormat, SeveralTurns
from schemas.prompts import OF_RECYCLING
from schemas.section import Section


class Mode(StrEnum):
    """Which changes are accepted, and which rows are kept."""

    RECYCLE = "recycle"
    """Reflection-Tuning (arXiv 2310.11716): every change that could be read; every row."""
    SELECTIVE = "selective"
    """Selective Reflection-Tuning (arXiv 2402.10110): Q* where its IFD is higher, then A* where its r-IFD is lower;
    rows whose response was not improved are dropped."""
    SELECTIVE_CUT = "selective_cut"
    """Its released code: then also IFD < 1 and r-IFD < 1."""
    SELECTIVE_VERIFIED = "selective_verified"
    """The paper's comparisons, and no change with the verdict incorrect; rows whose response was not improved are kept,
    unless what they end with is known to be incorrect."""


class Check(StrEnum):
    """How a response is verified to whose instruction no gold is known."""

    NONE = "none"
    """It stays unverified, which blocks nothing."""
    CONSENSUS = "consensus"
    """Against what most of several independent solutions by the teacher answer."""
    JUDGE = "judge"
    """By another model at the teacher's endpoint, with the shipped rubric."""


class PairColumns(ExchangeColumns):
    id: str = "id"
    """The row's own id."""
    gold: str = "gold"
    """The right answer to the instruction, where a row has one: it verifies A*."""
    difficulty: str = "difficulty"
    """A text or number that names the row's difficulty, for `selection.per_difficulty`."""


class Pairs(Section):
    path: str = Field(min_length=1)
    """A file of JSON, JSONL or Parquet or a folder of data files, from the current folder; or a data set's name on the
    Hugging Face hub."""
    split: str = "train"
    """Split of a data set that has several."""
    subset: str | None = None
    """Configuration of a Hugging Face data set that has several."""
    revision: str | None = None
    """Commit, tag or branch of a Hugging Face data set; without it, what the hub has today."""
    format: PairFormat | None = None
    """When unset, what the columns of each row say."""
    name: str | None = None
    """The `source` that tables show; by default the file's name."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many rows, repeated ones not counted."""
    columns: PairColumns = PairColumns()
    """Which column of a row holds what."""
    several_turns: SeveralTurns = SeveralTurns.FAIL
    """Of a conversation of more than one question and answer: what becomes of its row."""


class Selection(Section):
    mode: Mode = Mode.SELECTIVE_VERIFIED
    """Which changes the student's scores let pass, and which rows are kept then."""
    per_difficulty: int | None = Field(default=None, ge=1)
    """At most so many rows of each difficulty are kept: those of the highest IFD. None is decided before all can be."""
    levels: int = Field(default=5, ge=1, le=100)
    """Where a row names no difficulty it is its place by the IFD of its original, in so many equal parts."""


class Checking(Section):
    by: Check = Check.NONE
    """Only in `selective_verified`, and only of what the student prefers: each check is calls of its own."""
    in_every_mode: bool = Field(default=False, exclude_if=lambda given: not given)
    """In the other modes, too. There a verdict blocks nothing, and a policy can go by it afterwards."""
    samples: int = Field(default=5, ge=2, le=100)
    """Solutions asked for, for `consensus`."""
    share: float = Field(default=2 / 3, gt=0, le=1)
    """Of these, how many must agree."""
    model: str | None = None
    """The one that judges, for `judge`."""

    @model_validator(mode="after")
    def _a_judge(self) -> Self:
        if self.by is Check.JUDGE and not self.model:
            raise ValueError("check.model: got none; by = 'judge' needs the name of a model at the teacher's endpoint")
        return self


class RecycleConfiguration(LineConfiguration):
    pairs: Pairs
    """The instruction data set to recycle. Only its path has no default."""
    selection: Selection = Selection()
    """What the student takes of what the teacher wrote."""
    check: Checking = Checking()
    """What a reflected pair is tested for."""

    @property
    def subject(self) -> str:
        """What is recycled by whom, for the names of runs and tasks."""
        return f"{self.pairs.name or Path(self.pairs.path).stem} by {self.teacher.model}"

    @model_validator(mode="after")
    def _fits_recycling(self) -> Self:
        if self.judge:
            raise ValueError("judge: got a section; pairs are judged by check.by = 'judge' and check.model")
        if self.teacher.structured:
            raise ValueError("teacher.structured: got a value; recycling asks for no traces")
        if self.teacher.examples:
            raise ValueError("teacher.examples: got some; recycling shows none, its prompts are teacher.prompts")
        self.teacher.prompts.check_used("teacher", OF_RECYCLING)
        return self

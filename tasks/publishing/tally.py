"""What the rows of a release add up to, for its card and manifest. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.release_format import Split
from schemas.release_rows import BestRow, ComparedRow, LabelledRow, PreferenceRow
from tasks.judging.constraints.language import language_of
from tasks.publishing.conversations import KeptBatch

TOLD = 200
"""Rows whose language is told: the first of the seeded sample."""


@dataclass
class Tally:
    """Counts of rows, but for the characters."""

    trace_ids: list[str] = field(default_factory=list)
    sources: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """By source and licence."""
    effects: Counter[str] = field(default_factory=Counter)
    teachers: Counter[str] = field(default_factory=Counter)
    systems: Counter[str] = field(default_factory=Counter)
    """By system message; rows without one are not counted."""
    lines: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    """Of the first `TOLD` rows by rank; `unknown` where it cannot be told."""
    splits: Counter[str] = field(default_factory=Counter)
    """By split."""
    questions: dict[str, set[str]] = field(default_factory=dict)
    """Ids by split; empty without splits."""
    compared: Counter[str] = field(default_factory=Counter)
    """Preferences by contrast, labels, and questions with a best sample."""
    masked: int = 0
    """With a part that is not to be learnt."""
    prompts: int = 0
    """Characters of system messages and questions."""
    completions: int = 0
    """Characters of traces."""
    wrong_drafts: int = 0
    """Characters of them that are masked."""
    rows: dict[str, int] = field(default_factory=dict)
    """By the path of the file."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes, likewise."""

    def add(self, batch: KeptBatch, rows: pa.Table, splits: Sequence[Split]) -> None:
        """Count those that are kept, by their columns as chat rows; `splits` are theirs, if any."""
        self.trace_ids += rows["trace_id"].to_pylist()
        self.sources.update(zip(rows["source"].to_pylist(), rows["licence"].to_pylist(), strict=True))
        self.effects.update(_counted(rows["effect"].fill_null("unknown")))
        self.teachers.update(_counted(rows["teacher"]))
        self.lines.update(_counted(rows["line"]))
        self.systems.update(_counted(batch.system.drop_null()))
        first = rows.filter(pc.less(rows["rank"], TOLD))
        for messages in first["messages"].to_pylist():
            self.languages[language_of(messages[-1]["content"]) or "unknown"] += 1
        self.splits.update(splits)
        for split, question_id in zip(splits, rows["question_id"].to_pylist() if splits else (), strict=True):
            self.questions.setdefault(split, set()).add(question_id)
        lengths = pc.utf8_length(batch["text"]).to_numpy()
        n_spans, start, end = batch.learnt
        learnt = np.zeros(len(rows), np.int64)
        np.add.at(learnt, np.repeat(np.arange(len(rows)), n_spans), pc.subtract(end, start).to_numpy())
        prompts = (pc.sum(pc.utf8_length(texts), min_count=0).as_py() for texts in (batch.system, batch["question"]))
        self.prompts += sum(prompts)
        self.completions += int(lengths.sum())
        self.masked += int((learnt < lengths).sum())
        self.wrong_drafts += int((lengths - learnt).sum())

    def compare(self, row: ComparedRow) -> None:
        """Count a row that compares samples; the chat rows are those of another form."""
        match row:
            case PreferenceRow():
                self.compared[row.contrast] += 1
            case LabelledRow():
                self.compared["desirable" if row.label else "undesirable"] += 1
            case BestRow():
                self.compared["best"] += 1


def _counted(values: pa.Array) -> dict[str, int]:
    """How often each is there, by the first of each."""
    found = pc.value_counts(values)
    return dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))

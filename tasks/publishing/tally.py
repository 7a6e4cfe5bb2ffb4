"""What the rows of a release add up to, for its card and manifest. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from schemas.release_format import Split
from schemas.release_rows import BestRow, ChatRow, LabelledRow, PreferenceRow
from tasks.judging.constraints.language import language_of

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

    def add(self, row: ChatRow, split: Split | None) -> None:
        """Count one that is kept."""
        self.trace_ids.append(row.trace_id)
        self.sources[row.source, row.licence] += 1
        self.effects[row.effect or "unknown"] += 1
        self.teachers[row.teacher] += 1
        self.lines[row.line] += 1
        self.systems.update(message.content for message in row.messages if message.role == "system")
        if row.rank is not None and row.rank < TOLD:
            self.languages[language_of(row.messages[-1].content) or "unknown"] += 1
        if split:
            self.splits[split] += 1
            self.questions.setdefault(split, set()).add(row.question_id)
        said = len(row.messages[-1].content)
        wrong = said - sum(span.end - span.start for span in row.training_spans)
        self.masked += wrong > 0
        self.prompts += sum(len(message.content) for message in row.messages[:-1])
        self.completions += said
        self.wrong_drafts += wrong

    def compare(self, row: PreferenceRow | LabelledRow | BestRow) -> None:
        """Count a row that compares samples."""
        match row:
            case PreferenceRow():
                self.compared[row.contrast] += 1
            case LabelledRow():
                self.compared["desirable" if row.label else "undesirable"] += 1
            case BestRow():
                self.compared["best"] += 1

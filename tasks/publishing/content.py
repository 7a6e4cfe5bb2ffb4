"""The files of a release, from the traces that a curation kept. Files and rows only: where they go is the flow's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from schemas.call import Message
from schemas.errors import Refused
from schemas.record import content_key
from schemas.release import ReleaseConfiguration, ReleaseFile, ReleaseFormat
from schemas.release_rows import ChatRow, Judged, PreferenceRow
from tasks.publishing.conversations import alpaca_row, chat_row, preference_rows, sharegpt_row
from tasks.publishing.files import JsonlFile, ParquetFile
from tasks.publishing.tokenizer import ChatTemplate


@dataclass
class Tally:
    """What the rows of a release add up to."""

    trace_ids: list[str] = field(default_factory=list)
    sources: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """Rows by source and licence."""
    effects: Counter[str] = field(default_factory=Counter)
    teachers: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    masked: int = 0
    """Rows with a part that is not to be learnt."""
    rows: dict[str, int] = field(default_factory=dict)
    """By the path of the file."""

    def add(self, row: ChatRow) -> None:
        self.trace_ids.append(row.trace_id)
        self.sources[row.source, row.licence] += 1
        self.effects[row.effect or "unknown"] += 1
        self.teachers[row.teacher] += 1
        self.lines[row.line] += 1
        said = len(row.messages[-1].content)
        self.masked += sum(span.end - span.start for span in row.training_spans) < said


def write_rows(
    folder: Path,
    kept: Iterable[Judged],
    rivals: Iterable[Judged],
    configuration: ReleaseConfiguration,
    template: ChatTemplate | None,
) -> Tally:
    """Write every format that is asked for. `kept` come in the order of their ids, `rivals` (kept and incorrect
    traces, for the preferences) question by question.

    Raises `Refused` at the first row that `template` does not show whole.
    """
    tally, formats = Tally(), configuration.formats
    with ExitStack() as stack:
        parquet = stack.enter_context(closing(ParquetFile(folder / "chat.parquet", ChatRow)))
        names = [
            ReleaseFormat.CHAT,
            *(form for form in (ReleaseFormat.SHAREGPT, ReleaseFormat.ALPACA) if form in formats),
        ]
        lines = {form: stack.enter_context(closing(JsonlFile(folder / f"{form}.jsonl"))) for form in names}
        for trace in kept:
            row = chat_row(trace, configuration.system)
            if template:
                _check(template, row.messages, row.trace_id, row.source)
            tally.add(row)
            plain = row.model_dump(mode="json")
            parquet.write(plain, lines[ReleaseFormat.CHAT].write(plain))
            for form, shaped in ((ReleaseFormat.SHAREGPT, sharegpt_row), (ReleaseFormat.ALPACA, alpaca_row)):
                if form in lines:
                    lines[form].write(shaped(row, trace))
        written: list[JsonlFile | ParquetFile] = [parquet, *lines.values()]
        tally.rows = {file.path.name: file.rows for file in written}
    if ReleaseFormat.DPO in formats:
        tally.rows |= _write_preferences(folder, preference_rows(rivals, configuration.system), template)
    return tally


def content_hash(files: Iterable[ReleaseFile]) -> str:
    """Over paths and bytes: the identity of what a release holds."""
    return content_key("release_content", sorted([file.path, file.sha256] for file in files))


def _write_preferences(folder: Path, rows: Iterable[PreferenceRow], template: ChatTemplate | None) -> dict[str, int]:
    with (
        closing(ParquetFile(folder / "dpo.parquet", PreferenceRow)) as parquet,
        closing(JsonlFile(folder / "dpo.jsonl")) as lines,
    ):
        for row in rows:
            if template:  # the chosen one has been rendered as a chat row
                _check(template, (*row.prompt, *row.rejected), row.rejected_id, row.source)
            plain = row.model_dump(mode="json")
            parquet.write(plain, lines.write(plain))
    return {parquet.path.name: parquet.rows, lines.path.name: lines.rows}


def _check(template: ChatTemplate, messages: Sequence[Message], trace_id: str, source: str) -> None:
    if lost := template.lost([message.model_dump() for message in messages]):
        raise Refused(
            f"--template: {template.named.name}: {lost}, first in trace {trace_id} ({source}); who trains with this"
            " template would not train on these traces. Give a tokenizer whose template leaves messages as they are"
            " (--system none where it takes no system message)"
        )

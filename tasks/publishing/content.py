"""The files of a release, from the traces that a curation kept. Files and rows only: where they go is the flow's."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schemas.call import Message
from schemas.errors import Refused
from schemas.record import Record, content_key
from schemas.release import ReleaseConfiguration, ReleaseFile
from schemas.release_format import ReleaseFormat, Split
from schemas.release_rows import (
    BestRow,
    ChatRow,
    Judged,
    LabelledRow,
    PreferenceRow,
    PromptCompletionRow,
    ReasoningRow,
)
from tasks.publishing.comparisons import QUESTION_FORMS
from tasks.publishing.conversations import TRACE_FORMS, chat_row
from tasks.publishing.files import JsonlFile, ParquetFile
from tasks.publishing.llama_factory import dataset_info
from tasks.publishing.tally import Tally
from tasks.publishing.tokenizer import ChatTemplate

PARQUET: Mapping[ReleaseFormat, type[Record]] = MappingProxyType(
    {
        ReleaseFormat.CHAT: ChatRow,
        ReleaseFormat.PROMPT_COMPLETION: PromptCompletionRow,
        ReleaseFormat.REASONING: ReasoningRow,
        ReleaseFormat.THINK: PromptCompletionRow,
        ReleaseFormat.DPO: PreferenceRow,
        ReleaseFormat.KTO: LabelledRow,
        ReleaseFormat.BEST_OF_N: BestRow,
    }
)
"""The columns of the formats that have a Parquet file, too."""


class FormatFiles:
    """The files of every format that is asked for, one for each split."""

    def __init__(self, folder: Path, configuration: ReleaseConfiguration, split_of: Mapping[str, Split] | None) -> None:
        """`split_of`: the split of each question; None: one file of each format."""
        self.formats = configuration.formats
        self._split_of = split_of
        self._stack = ExitStack()
        self._lines: dict[tuple[str, str | None], JsonlFile] = {}
        self._columns: dict[tuple[str, str | None], ParquetFile] = {}
        for form in [form for form in self.formats if form in TRACE_FORMS or form in QUESTION_FORMS]:
            for split in configuration.splits or (None,):
                stem = folder / file_stem(form, split)
                self._lines[form, split] = self._stack.enter_context(closing(JsonlFile(stem.with_suffix(".jsonl"))))
                if record := PARQUET.get(form):
                    opened = ParquetFile(stem.with_suffix(".parquet"), record)
                    self._columns[form, split] = self._stack.enter_context(closing(opened))

    def __enter__(self) -> "FormatFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, form: ReleaseFormat, question_id: str, row: dict[str, Any]) -> None:
        """Append a row to the files of its question's split."""
        place = form, self._split_of[question_id] if self._split_of is not None else None
        characters = self._lines[place].write(row)
        if place in self._columns:
            self._columns[place].write(row, characters)

    @property
    def rows(self) -> dict[str, int]:
        """By the name of the file."""
        files: list[JsonlFile | ParquetFile] = [*self._columns.values(), *self._lines.values()]
        return {file.path.name: file.rows for file in files}


def file_stem(form: str, split: str | None) -> str:
    """The name of a file without its ending."""
    return f"{form}-{split}" if split else form


def write_rows(
    folder: Path,
    kept: Iterable[Judged],
    judged: Iterable[Judged],
    configuration: ReleaseConfiguration,
    template: ChatTemplate | None,
    split_of: Mapping[str, Split] | None,
) -> Tally:
    """Write every format that is asked for. `kept` come in the order of their ids, `judged` (correct and incorrect
    ones of any fate, for what compares them) question by question.

    Raises `Refused` at the first row that `template` does not show whole.
    """
    tally = Tally()
    with FormatFiles(folder, configuration, split_of) as files:
        forms = [form for form in files.formats if form in TRACE_FORMS]
        for trace in kept:
            row = chat_row(trace, configuration.system)
            if template:
                _check(template, row.messages, row.trace_id, row.source)
            tally.add(row, split_of[row.question_id] if split_of is not None else None)
            for form in forms:
                files.write(form, row.question_id, TRACE_FORMS[form](row, trace))
        if compared := [form for form in files.formats if form in QUESTION_FORMS]:
            _write_compared(files, compared, judged, configuration, template, tally)
        tally.rows = files.rows
    tally.sizes = {name: (folder / name).stat().st_size for name in tally.rows}
    (folder / "dataset_info.json").write_text(json.dumps(dataset_info(tally.rows), indent=2) + "\n", "ascii")
    return tally


def content_hash(files: Iterable[ReleaseFile]) -> str:
    """Over paths and bytes: the identity of what a release holds."""
    return content_key("release_content", sorted([file.path, file.sha256] for file in files))


def _write_compared(
    files: FormatFiles,
    forms: Sequence[ReleaseFormat],
    judged: Iterable[Judged],
    configuration: ReleaseConfiguration,
    template: ChatTemplate | None,
    tally: Tally,
) -> None:
    for question_id, of_question in groupby(judged, key=lambda trace: trace.question_id):
        samples = list(of_question)
        if not any(trace.rank is not None for trace in samples):
            continue  # nothing of the question is in the release
        for form in forms:
            for row in QUESTION_FORMS[form](samples, configuration.system, configuration.best_of):
                if template and isinstance(row, PreferenceRow):  # the chosen one has been rendered as a chat row
                    _check(template, (*row.prompt, *row.rejected), row.rejected_id, row.source)
                tally.compare(row)
                files.write(form, question_id, row.model_dump(mode="json"))


def _check(template: ChatTemplate, messages: Sequence[Message], trace_id: str, source: str) -> None:
    if lost := template.lost([message.model_dump() for message in messages]):
        raise Refused(
            f"--template: {template.named.name}: {lost}, first in trace {trace_id} ({source}); who trains with this"
            " template would not train on these traces. Give a tokenizer whose template leaves messages as they are"
            " (--system none where it takes no system message)"
        )

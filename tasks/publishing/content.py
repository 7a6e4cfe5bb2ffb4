"""The files of a release, from the traces that a curation kept. Files and rows only: where they go is the flow's."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from schemas.errors import Refused
from schemas.record import Record, content_key
from schemas.release import ReleaseConfiguration, ReleaseFile
from schemas.release_format import ReleaseFormat, Split
from schemas.release_rows import (
    BestRow,
    ChatRow,
    ComparedRow,
    Judged,
    LabelledChatRow,
    LabelledRow,
    PreferenceRow,
    PromptCompletionRow,
    ReasoningRow,
)
from tasks.publishing.collator import Conversation
from tasks.publishing.comparisons import QUESTION_FORMS
from tasks.publishing.conversations import JUDGED, TRACE_FORMS, KeptBatch, chat
from tasks.publishing.files import JsonlFile, ParquetFile
from tasks.publishing.tally import Tally
from tasks.publishing.tokenizer import ChatTemplate
from warehouse.arrow_schema import columns_of

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
_RETOLD = (ReleaseFormat.REASONING, ReleaseFormat.THINK)
"""Have the thinking elsewhere than `chat`, where a template may lose it that keeps ours."""
_AT_ONCE = 64 * 2**20
"""Bytes of traces, about."""
_WAITING = 256
"""Rows of comparisons that are written together."""
_TAGS = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
_CHAT: dict[str, Any] = {"formatting": "sharegpt", "tags": {**_TAGS, "system_tag": "system"}}
_PREFERRED = {name: name for name in ("messages", "chosen", "rejected")}
_LLAMA_FACTORY: dict[str, dict[str, Any]] = {
    "chat": {**_CHAT, "columns": {"messages": "messages"}},
    "chat_dpo": {**_CHAT, "ranking": True, "columns": _PREFERRED},
    "chat_kto": {**_CHAT, "columns": {"messages": "messages", "kto_tag": "label"}},
    "sharegpt": {"formatting": "sharegpt", "columns": {"messages": "conversations"}},
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"},
    },
}


class FormatFiles:
    """The files of every format that is asked for, one for each split."""

    def __init__(self, folder: Path, configuration: ReleaseConfiguration, split_of: Mapping[str, Split] | None) -> None:
        """`split_of`: the split of each question; None: one file of each format."""
        self.formats = configuration.formats
        self._split_of = split_of
        self._stack = ExitStack()
        writer = self._stack.enter_context(ThreadPoolExecutor(1))
        self._lines: dict[tuple[str, str | None], JsonlFile] = {}
        self._columns: dict[tuple[str, str | None], ParquetFile] = {}
        for form in [form for form in self.formats if form in TRACE_FORMS or form in QUESTION_FORMS]:
            for split in configuration.splits or (None,):
                stem = folder / file_stem(form, split)
                self._lines[form, split] = self._stack.enter_context(closing(JsonlFile(stem.with_suffix(".jsonl"))))
                if record := PARQUET.get(form):
                    opened = ParquetFile(stem.with_suffix(".parquet"), record, writer)
                    self._columns[form, split] = self._stack.enter_context(closing(opened))

    def __enter__(self) -> "FormatFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, form: ReleaseFormat, question_ids: Sequence[str], rows: pa.Table) -> None:
        """Append rows, each to the files of its question's split."""
        if self._split_of is None:
            return self._append((form, None), rows)
        splits = [self._split_of[question_id] for question_id in question_ids]
        for split in dict.fromkeys(splits):
            self._append((form, split), rows.filter(pa.array([each is split for each in splits])))
        return None

    def write_records(self, form: ReleaseFormat, rows: Sequence[ComparedRow]) -> None:
        """Write rows that are records, all of one kind, to the file of a format."""
        if not rows:
            return
        plain = [row.model_dump(mode="json") for row in rows]
        table = pa.Table.from_pylist(plain, columns_of(type(rows[0])))
        self.write(form, [row.question_id for row in rows], table)

    def _append(self, place: tuple[str, str | None], rows: pa.Table) -> None:
        characters = self._lines[place].write(rows)
        if place in self._columns:
            self._columns[place].write(rows, characters)

    @property
    def rows(self) -> dict[str, int]:
        """By the name of the file."""
        files: list[JsonlFile | ParquetFile] = [*self._columns.values(), *self._lines.values()]
        return {file.path.name: file.rows for file in files}


def file_stem(form: str, split: str | None) -> str:
    """Return the name of a file without its ending."""
    return f"{form}-{split}" if split else form


def write_rows(
    folder: Path,
    kept: Iterable[pa.RecordBatch],
    judged: Iterable[Judged],
    configuration: ReleaseConfiguration,
    template: ChatTemplate | None,
    split_of: Mapping[str, Split] | None,
    is_unclean: Callable[[str], bool] = lambda text: False,
) -> Tally:
    """Write every format that is asked for. `kept` have the columns of `Judged`, in the order of their ids; `judged`
    (correct and incorrect ones of any fate, for what compares them) come question by question. Of those that are not
    kept none is written whose text `is_unclean`.

    Raises `Refused` at the first row that `template` does not show whole.
    """
    tally = Tally()
    with FormatFiles(folder, configuration, split_of) as files:
        for batch in map(partial(KeptBatch, system=configuration.system), _pieces(_ahead(kept))):
            rows = chat(batch)
            if template:
                for row in rows.select(["messages", "trace_id", "source"]).to_pylist():
                    _check(template, **row)
                for form in [form for form in files.formats if form in _RETOLD]:
                    for row in TRACE_FORMS[form](batch).to_pylist():
                        _check(template, row["prompt"] + row["completion"], row["trace_id"], f"{form}, {row['source']}")
            ids = rows["question_id"].to_pylist()
            tally.add(batch, rows, [split_of[each] for each in ids] if split_of is not None else [])
            for form in [form for form in files.formats if form in TRACE_FORMS]:
                files.write(form, ids, rows if form is ReleaseFormat.CHAT else TRACE_FORMS[form](batch))
        if compared := [form for form in files.formats if form in QUESTION_FORMS]:
            _write_compared(files, compared, judged, configuration, template, tally, is_unclean)
        tally.rows = files.rows
    tally.sizes = {name: (folder / name).stat().st_size for name in tally.rows}
    (folder / "dataset_info.json").write_text(json.dumps(dataset_info(tally.rows), indent=2) + "\n", "ascii")
    return tally


def _ahead(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The next one is read while this one is written."""
    reading = iter(batches)
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, reading, None)
        while (batch := following.result()) is not None:
            following = reader.submit(next, reading, None)
            yield batch


def _pieces(kept: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows, so many at once as a gigabyte holds many times over, however long they are."""
    for batch in kept:
        n_rows = max(1, _AT_ONCE * len(batch) // max(batch.nbytes, 1))
        for first in range(0, len(batch), n_rows):
            yield batch.slice(first, n_rows).select(JUDGED.names).cast(JUDGED)


def dataset_info(files: Iterable[str]) -> dict[str, Any]:
    """Return `dataset_info.json`, by which LLaMA-Factory finds data sets and reads their columns: an entry for each
    JSONL file that it can read, by the file's name without its ending.
    """
    stems = sorted(name.removesuffix(".jsonl") for name in files if name.endswith(".jsonl"))
    known = [(stem, _LLAMA_FACTORY[form]) for stem in stems if (form := stem.partition("-")[0]) in _LLAMA_FACTORY]
    return {stem.replace("-", "_"): {"file_name": f"{stem}.jsonl", **form} for stem, form in known}


def content_hash(files: Iterable[ReleaseFile]) -> str:
    """Hash paths and bytes: the identity of what a release holds."""
    return content_key("release_content", sorted([file.path, file.sha256] for file in files))


def _write_compared(
    files: FormatFiles,
    forms: Sequence[ReleaseFormat],
    judged: Iterable[Judged],
    configuration: ReleaseConfiguration,
    template: ChatTemplate | None,
    tally: Tally,
    is_unclean: Callable[[str], bool],
) -> None:
    waiting: dict[ReleaseFormat, list[ComparedRow]] = {form: [] for form in forms}
    for _, of_question in groupby(judged, key=lambda trace: trace.question_id):
        samples = list(of_question)
        if not any(trace.rank is not None for trace in samples):
            continue  # nothing of the question is in the release
        clean = [trace for trace in samples if trace.rank is not None or not is_unclean(trace.text)]
        for form, rows in waiting.items():
            shown = samples if form is ReleaseFormat.BEST_OF_N else clean  # that one shows the best, and counts all
            for row in QUESTION_FORMS[form](shown, configuration.system, configuration.best_of):
                if template and isinstance(row, PreferenceRow):  # the chosen one has been rendered as a chat row
                    messages = [message.model_dump() for message in (*row.prompt, *row.rejected)]
                    _check(template, messages, row.rejected_id, row.source)
                tally.compare(row)
                rows.append(row)
            if len(rows) >= _WAITING:
                files.write_records(form, _apart(rows))
                rows.clear()
    for form, rows in waiting.items():
        files.write_records(form, _apart(rows))


def _apart(rows: list[ComparedRow]) -> list[ComparedRow]:
    """Labelled rows by their trace_id, a hash, so that answers to one question are seldom neighbours: TRL's KTOTrainer
    never shuffles, and takes the completion of the row before as an answer to another prompt."""
    return sorted(rows, key=lambda row: row.trace_id if isinstance(row, LabelledRow | LabelledChatRow) else "")


def _check(template: ChatTemplate, messages: Conversation, trace_id: str, source: str) -> None:
    if lost := template.lost(messages):
        raise Refused(
            f"--template: {template.named.name}: {lost}, first in trace {trace_id} ({source}); who trains with this"
            " template would not train on these traces. Give a tokenizer whose template leaves messages as they are"
            " (--system none where it takes no system message)"
        )

"""Questions of the warehouse against the benchmarks of a configuration: the rows of the table `contaminations`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from schemas.contamination import Contamination, Detector, Finding
from schemas.detection import Benchmark, Detection
from schemas.errors import Refused
from schemas.question_source import Columns, Questions
from schemas.record import clean_text, content_key
from schemas.verdict import Reason
from tasks.contamination.detect import NOT_ASKED, Found, convicted, embeds, find_near, find_ngrams, version
from tasks.contamination.judge import Ask
from tasks.contamination.neighbours import Vectors
from tasks.questions import source_of
from tasks.questions.row_source import RowSource
from tasks.rows.jsonl import Unreadable
from tasks.rows.values import look_up, plain_text
from warehouse.reading import Snapshot

_FILES = {".jsonl": "jsonl", ".parquet": "parquet", ".pq": "parquet"}


class Item(NamedTuple):
    benchmark: str
    match_id: str
    text: str


_QUESTIONS = "SELECT question_id, question FROM asked_questions ORDER BY question_id"


class Embedding(Protocol):
    """What is needed of a model: an `Embedder`, a `MultilingualEmbedder`."""

    @property
    def version(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...


class Checked(NamedTuple):
    check_ids: tuple[str, ...]
    """Of the detectors of the configuration, with these benchmarks: only their rows are in force."""
    new: list[Contamination]
    """What the table has not; to be landed."""


class _Check(NamedTuple):
    """One detector with its settings, over these benchmarks."""

    version: str
    check_id: str

    def key(self, question_id: str) -> str:
        return content_key("contamination", self.check_id, question_id)


def check_questions(
    now: Snapshot,
    settings: Detection,
    load: Callable[[Detection], Embedding],
    ask: Ask | None = None,
    load_across: Callable[[], Embedding] | None = None,
) -> Checked:
    """Look every question of the warehouse up in the benchmarks. Raises `Refused` for a benchmark that cannot be read.

    n-grams are counted again each time, which costs less than to remember them; what was embedded or judged is found in
    the table. A judge that could not be reached leaves a row that decides nothing, and is asked again next time. `load`
    makes an `Embedder`, `load_across` a `MultilingualEmbedder`; they are called where a detector needs them.
    """
    items = [item for benchmark in settings.benchmarks for item in load_benchmark(benchmark)]
    if not items:
        return Checked((), [])
    embedder = load(settings) if embeds(settings) else None
    across = load_across() if load_across and embedder else None
    checks = _checks(settings, items, "+".join(model.version for model in (embedder, across) if model))
    questions = now.ask(_QUESTIONS)[1]
    ids, texts = [id for id, _ in questions], {place: text for place, (_, text) in enumerate(questions)}
    item_texts = [item.text for item in items]
    found: dict[Detector, Found] = {}
    if Detector.NGRAM in checks:
        found[Detector.NGRAM] = find_ngrams(texts, item_texts)
    if embedder:
        known = convicted(found)
        due = _due(now, checks, ids, known)
        due_texts = {place: texts[place] for place in due}
        embed_across = across.embed if across else None
        found |= find_near(due_texts, item_texts, settings, embedder.embed, ask, known, embed_across)
    rows = [
        _row(checks[detector], ids[place], finding, items[finding.place], settings)
        for detector, findings in found.items()
        for place, finding in findings.items()
    ]
    landed = now.present("contaminations", [row.contamination_id for row in rows])
    new = [row for row in rows if row.contamination_id not in landed]
    return Checked(tuple(check.check_id for check in checks.values()), new)


def _checks(settings: Detection, items: Sequence[Item], model: str) -> dict[Detector, _Check]:
    content = content_key("benchmarks", [list(item) for item in items])
    versions = {detector: version(detector, settings, model) for detector in settings.detectors}
    return {
        detector: _Check(versions[detector], content_key("check", detector, versions[detector], content))
        for detector in Detector
        if detector in versions
    }


def _due(now: Snapshot, checks: Mapping[Detector, _Check], ids: Sequence[str], known: set[int]) -> list[int]:
    """The questions, by place, that have yet to be embedded, or judged although nothing convicts them."""
    due: set[int] = set()
    for detector in (Detector.EMBEDDING, Detector.JUDGE):
        if detector in checks:
            keys = [checks[detector].key(id) for id in ids]
            landed = now.present("contaminations", keys)
            missing = {place for place, key in enumerate(keys) if key not in landed}
            due |= missing if detector is Detector.EMBEDDING else missing - known
            guilty = now.present("contaminations", keys, "contaminated")
            known = known | {place for place, key in enumerate(keys) if key in guilty}
    return sorted(due)


def _row(check: _Check, question_id: str, finding: Finding, item: Item, settings: Detection) -> Contamination:
    unheard = finding.evidence.startswith(Reason.JUDGE_UNAVAILABLE.value)
    settled = finding.detector is Detector.JUDGE and finding.evidence != NOT_ASKED
    near_miss = finding.contaminated is False and not settled
    hit = finding.detector is Detector.NGRAM or (finding.score or 0) >= settings.borderline
    key = check.key(question_id)
    return Contamination(
        contamination_id=content_key("unheard", key) if unheard else key,
        check_id=check.check_id,
        question_id=question_id,
        benchmark=item.benchmark,
        match_id=item.match_id,
        match_text=clean_text(item.text),
        detector=finding.detector,
        detector_version=check.version,
        contaminated=finding.contaminated,
        borderline=finding.contaminated is None or (near_miss and hit),
        score=finding.score,
        start=finding.start,
        end=finding.end,
        evidence=clean_text(finding.evidence),
    )


def load_benchmark(benchmark: Benchmark) -> Iterator[Item]:
    """Yield its items, in their order. One without words is none; any other row that gives no text raises `Refused`."""
    as_questions = Questions(
        source=_FILES.get(Path(benchmark.path).suffix, "huggingface"),
        path=benchmark.path,
        split=benchmark.split,
        subset=benchmark.subset,
        revision=benchmark.revision,
        columns=Columns(question=benchmark.column, id=benchmark.id_column),
    )
    source = source_of(as_questions)
    assert isinstance(source, RowSource)
    name, n = benchmark.name or source.name, 0
    try:
        for place, row in source.rows():
            if isinstance(row, Unreadable):
                raise Refused(f"{place}: {row.complaint}")
            text = _value(row, benchmark.column)
            if not isinstance(text, str):
                raise Refused(f"{place}, {benchmark.column}: got {text!r:.80}; needs the text of an item")
            if text.strip():
                n += 1
                yield Item(name, plain_text(_value(row, benchmark.id_column)) or place.rpartition(", ")[2], text)
    except Refused as refused:
        raise Refused(f"contamination.benchmarks: {str(refused).removeprefix('questions.')}") from refused
    if not n:
        raise Refused(f"contamination.benchmarks: {benchmark.path} holds no items")


def _value(row: dict[str, object], path: str) -> object:
    try:
        found: object = look_up(row, path)
    except LookupError:
        return None
    return found

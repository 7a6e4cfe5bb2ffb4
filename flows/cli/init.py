"""`reflectory init`: a commented configuration to begin with, which fits the data that it names."""

from contextlib import closing
from pathlib import Path
from string import Template

from flows.cli.mapping import first_rows, mapped_columns, published_source, quoted, source_of
from flows.cli.options import PRACTICE, StartingPoint
from flows.cli.set_aside import format_set_aside
from flows.configure import read_as
from schemas.configuration import LineConfiguration, RunConfiguration
from schemas.errors import Refused
from schemas.recycling import RecycleConfiguration
from tasks.judging.verify import Verifier
from tasks.questions import load
from tasks.questions.contradictions import contradicted_golds
from tasks.questions.seed_file import in_file
from tasks.recycling.originals import read_pairs
from tasks.rows.data_set import DataSet

_TEMPLATES = Path(__file__).with_name("templates")
_EXAMINED = 1 << 24
"""Bytes of the largest file that is read to tell of rows that no run could use: a few seconds."""


URLS = {StartingPoint.API: "https://api.openai.com/v1", StartingPoint.VLLM: "http://127.0.0.1:8000/v1"}
URLS[StartingPoint.RECYCLE] = URLS[StartingPoint.API]
"""Where a teacher is when no URL is given."""


def write_configuration(out: Path, kind: StartingPoint, data: str, model: str, url: str | None) -> list[str]:
    """Write a configuration to `out`; the commands that come next, as they are typed after `reflectory`.

    Raises `Refused` where `out` is there, or an answer cannot stand in a configuration.
    """
    if out.exists():
        raise Refused(f"init: {out} is there already; give another --out, or remove it")
    if url and kind is StartingPoint.FILES:
        raise Refused("init: got --url; for files no teacher is asked")
    rows = first_rows(data)
    where = url or (PRACTICE if model == PRACTICE else URLS.get(kind, ""))
    text = Template((_TEMPLATES / f"{kind}.toml").read_text("utf-8")).substitute(
        data=quoted(data),
        model=quoted(model),
        url=quoted(where),
        source=quoted(published_source(rows) or source_of(data)),
        columns=mapped_columns(kind, data, rows),
    )
    if where == PRACTICE:
        text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("api_key"))
    line: type[LineConfiguration] = RecycleConfiguration if kind is StartingPoint.RECYCLE else RunConfiguration
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Refused(f"init: cannot write {out}: {error.strerror}; give another --out") from error
    try:
        read_as(line, out, [])
    except Refused:
        out.unlink()
        raise
    command = "recycle" if kind is StartingPoint.RECYCLE else "run"
    examined = [] if kind is StartingPoint.RECYCLE else [f"doctor {out}"]
    return [*examined, f"{command} {out} --dry-run", f"{command} {out}"]


def missing_data(data: str) -> list[str]:
    """Tell a person where there is no such data yet; a name that may be one of the hub is not looked up."""
    missing = DataSet(data, "--data", on_hub=source_of(data) == "huggingface").missing()
    later = "the configuration is for one that comes later; run init again once it is there, for its columns"
    return [f"init: {line}; {later}" for line in missing]


def row_remarks(out: Path, data: str, kind: StartingPoint = StartingPoint.API) -> list[str]:
    """Return what a run by this configuration would say of its rows, line by line; nothing of a name of the hub, nor of
    a large file or folder, which a dry run reads. Raises `Refused` where it would.
    """
    if not Path(data).exists() or _size(data) > _EXAMINED:
        return []
    if kind is StartingPoint.RECYCLE:
        raw = read_pairs(read_as(RecycleConfiguration, out, []).pairs)
        if all(pair.bad for pair in raw.pairs):
            raise Refused("\n".join(raw.tally.lines()))
        return raw.tally.lines()
    loaded = load(read_as(RunConfiguration, out, []).questions, seed=0)
    with closing(Verifier()) as verifier:
        aside = list(contradicted_golds(in_file(loaded.seeds), verifier))
    return [*loaded.tally.lines(), loaded.kinds_line, *format_set_aside(loaded.seeds, aside)]


def _size(data: str) -> int:
    """Bytes of a file, or of all in a folder."""
    path = Path(data)
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())

"""An immutable published dataset."""

from schemas.record import Record
from schemas.release_format import ReleaseFormat


class TableVersion(Record):
    table: str
    version: int


class TokenizerName(Record):
    """A tokenizer that a release was made for, without the path at which it happened to be."""

    name: str
    """Of its folder."""
    hash: str
    """Of its files, or of its chat template where only that counts."""


class ReleaseConfiguration(Record):
    """Beside the policy, all that the content of a release depends on."""

    formats: tuple[ReleaseFormat, ...]
    """Sorted, each once, `chat` among them."""
    system: str
    """`teacher`: the system message that all calls of a trace had; `none`; or a text for every row."""
    template: TokenizerName | None
    """Through whose chat template every row was rendered; None: through none."""
    special_tokens: TokenizerName | None
    """The tokenizer that got the six tags as tokens."""
    splits: dict[str, float] | None
    """Share of the questions by split; None: one file of each form, which loaders call train."""
    best_of: int | None
    """Samples of a question that `best_of_n` chooses among; None: all that are judged."""


class ReleaseFile(Record):
    path: str
    """Inside the release, with `/`."""
    size: int
    """Bytes."""
    sha256: str
    rows: int | None
    """None for a file that holds no rows."""


class Release(Record):
    """An immutable published dataset: what went in, and from which table versions."""

    release_id: str
    """Key over the name and the content's hash."""
    name: str
    plan_id: str | None
    """The plan whose attempts were decided on; None when there were several."""
    curation_id: str
    """Its decisions say what is in, and why the rest is not."""
    query: str
    """The SQL that gives its rows, with `$curation_id`."""
    table_versions: tuple[TableVersion, ...]
    code_version: str
    configuration: str
    """Canonical JSON of `ReleaseConfiguration`."""
    content_hash: str
    """Over the paths and bytes of its files other than the manifest."""
    files: tuple[ReleaseFile, ...]
    trace_ids: tuple[str, ...]
    """The traces that are in it, sorted."""

    def __repr__(self) -> str:
        """Its rows and files, for a notebook; all of it is `model_dump()`."""
        names = ", ".join(file.path for file in self.files)
        return f"Release({self.name} {self.release_id}: {len(self.trace_ids)} traces in {names})"

    __str__ = __repr__

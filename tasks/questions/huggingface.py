"""Questions of a split of a Hugging Face data set: one of the hub, or a local folder of data files."""

from collections.abc import Iterator
from pathlib import Path

from schemas.errors import Refused
from tasks.questions.row_source import RowSource
from tasks.questions.rows import Row, top_level


class HuggingFace(RowSource):
    @property
    def name(self) -> str:
        folder = self.path.resolve().name if self.path.is_dir() else str(self.settings.path)
        return self.settings.name or folder

    def missing(self) -> Iterator[str]:
        path = self.settings.path or ""
        if path.startswith((".", "/")) and not Path(path).is_dir():
            yield f"questions.path: got {path!r}; no such folder (from {Path.cwd()})"

    def rows(self) -> Iterator[Row]:
        """By `datasets`: of a local folder without any network."""
        import datasets
        import pyarrow

        from tasks.questions.narrow import shortest

        settings = self.settings
        datasets.disable_progress_bars()
        try:
            data = datasets.load_dataset(
                settings.path, name=settings.subset, split=settings.split, revision=settings.revision
            )
        except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
            raise Refused(
                f"questions.path: cannot load {settings.path!r}, split {settings.split!r}; needs a local folder of "
                "data files, or a data set's name on a machine that reaches the hub (questions.subset names one of "
                f"several configurations); datasets said: {' '.join(str(error).split())[:400]}"
            ) from error
        data = data.select_columns(top_level(data.column_names, self.wanted))
        kind = pyarrow.struct(list(data.features.arrow_schema))
        for number, row in enumerate(data, start=1):
            yield f"{settings.path}, {settings.split} row {number}", shortest(row, kind)

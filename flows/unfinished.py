"""Runs that have begun and have no row yet. Who finds one that is gone knows that it has crashed."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from warehouse.disk import disk_in_a_sentence
from warehouse.landing import Warehouse


class Started(NamedTuple):
    """What is known of a run when it begins."""

    run_id: str
    command: str
    """What it has in common with the runs that continue it."""
    configuration: str
    """As it stands in the row of a run."""
    started_at: datetime
    flow_run_id: str | None
    """Prefect's."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raise `ValueError` for what a power cut has left of a file."""
        said = json.loads(path.read_text("utf-8"))
        return cls(**said | {"started_at": datetime.fromisoformat(said["started_at"])})

    def remember(self, warehouse: Warehouse) -> None:
        """Keep it beside the tables until `forget`. Raises `DiskTrouble`."""
        path = _folder(warehouse) / f"{self.run_id}.json"
        draft = path.with_suffix(".new")
        with disk_in_a_sentence(warehouse.folder):
            path.parent.mkdir(exist_ok=True)
            draft.write_text(json.dumps(self._asdict(), default=datetime.isoformat), "utf-8")
            draft.replace(path)


def forget(warehouse: Warehouse, run_id: str) -> None:
    """Forget a run that has a row."""
    (_folder(warehouse) / f"{run_id}.json").unlink(missing_ok=True)


def crashed(warehouse: Warehouse, command: str) -> list[Started]:
    """Return the runs of a command that ended and left no row, the oldest first. For who holds the lease of the
    warehouse.
    """
    found = []
    for path in _folder(warehouse).glob("*.json"):
        with suppress(ValueError):
            found.append(Started.read(path))
    return sorted((run for run in found if run.command == command), key=lambda run: run.started_at)


def _folder(warehouse: Warehouse) -> Path:
    return warehouse.folder / "unfinished"

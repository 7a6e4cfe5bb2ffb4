"""How far each stage of a run is, as progress artifacts in Prefect, beside whoever else is told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

from flows.unpublished import AWAY
from tasks.watcher import Watcher

_EVERY_S = 5.0


@contextmanager
def shown_in_prefect(flow: str, totals: Mapping[Any, int], flow_run_id: UUID | None) -> Iterator[Watcher]:
    """Yield a watcher that shows each stage as an artifact of Prefect, and brings it up to date every few seconds, in a
    thread of its own. A server that is away misses some of it.
    """
    if flow_run_id is None:
        yield Watcher()
        return
    shown = _Stages(flow, totals, flow_run_id)
    over = Event()

    def follow() -> None:
        while not over.wait(_EVERY_S):
            shown.tell()

    thread = Thread(target=follow, name="progress", daemon=True)
    thread.start()
    try:
        yield shown
    finally:
        over.set()
        thread.join()
        if not shown.away:
            shown.tell()


class _Stages(Watcher):
    def __init__(self, flow: str, totals: Mapping[StrEnum, int], flow_run_id: UUID) -> None:
        self._flow, self._flow_run_id = flow, flow_run_id
        self._totals = {stage: total for stage, total in totals.items() if total}
        self._done, self._told = dict.fromkeys(self._totals, 0), dict[StrEnum, tuple[UUID, int]]()
        self._counting = Lock()
        self._client = get_client(sync_client=True)
        """One for all: each loads the web's certificates, and holds them until Python looks for cycles."""
        self.away = False
        """Whether the server did not answer when it was last told."""

    def rows(self, stage: Any, n: int) -> None:
        with self._counting:
            if stage in self._done:
                self._done[stage] += n

    def tell(self) -> None:
        """Says nothing where no row came."""
        with self._counting:
            new = {stage: n for stage, n in self._done.items() if self._told.get(stage, (None, -1))[1] != n}
        if not new:
            return
        try:
            for stage, n in new.items():
                total = self._totals[stage]
                data, said = min(100 * n / total, 100.0), f"{stage}: {n} of {total} rows"
                known, _ = self._told.get(stage, (None, -1))
                if known is None:
                    made = ArtifactCreate(
                        key=f"{self._flow}-{stage}".replace("_", "-"),
                        type="progress",
                        description=said,
                        data=data,
                        flow_run_id=self._flow_run_id,
                    )
                    known = self._client.create_artifact(made).id
                else:
                    self._client.update_artifact(known, ArtifactUpdate(data=data, description=said))
                self._told[stage] = known, n
            self.away = False
        except AWAY:
            self.away = True

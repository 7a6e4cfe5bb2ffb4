"""What waits for Prefect's server beside a warehouse: told once, and nothing of it keeps a run from ending."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from flows import unpublished
from flows.unpublished import keep, publish_kept
from warehouse.landing import Warehouse

TORN = {
    "nothing": b"",
    "its beginning": b'{"artifacts": [{"ke',
    "zeros": bytes(64),
    "no object": b"[1]",
    "bytes": b"\xff",
}


class Server:
    """Takes what is told, and hands itself out as the client."""

    def __init__(self) -> None:
        self.artifacts: list[tuple[UUID, str]] = []
        self.states: dict[UUID, str] = {}

    @contextmanager
    def client(self, sync_client: bool) -> Iterator["Server"]:
        assert sync_client
        yield self

    def read_flow_run(self, flow_run_id: UUID) -> Any:
        return SimpleNamespace(state=None)

    def create_artifact(self, artifact: Any) -> None:
        self.artifacts.append((artifact.flow_run_id, artifact.key))

    def set_flow_run_state(self, flow_run_id: UUID, state: Any, force: bool) -> None:
        self.states[flow_run_id] = state.type.value


@pytest.mark.parametrize("torn", TORN.values(), ids=TORN)
def test_a_file_that_was_cut_off_keeps_no_run_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    """The bug: a kill or a full disk as one was written, and every later run of the warehouse failed at its end."""
    warehouse, server = Warehouse(tmp_path), Server()
    monkeypatch.setattr(unpublished, "get_client", server.client)
    cut, again, whole = uuid4(), uuid4(), uuid4()
    keep(warehouse, whole, artifacts=[{"key": "funnel"}])
    keep(warehouse, whole, done=True)
    for each in (cut, again):
        (tmp_path / "unpublished" / f"{each}.json").write_bytes(torn)
    keep(warehouse, again, crashed=True)
    assert publish_kept(warehouse) == 3
    assert server.artifacts == [(whole, "funnel")]
    assert server.states == {whole: "COMPLETED", again: "CRASHED"}
    assert list((tmp_path / "unpublished").iterdir()) == []
    assert publish_kept(warehouse) == 0

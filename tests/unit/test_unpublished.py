"""What Prefect's server was away for is told to it later, and what a power cut left of that stops no run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID, uuid4

import pytest

from flows import unpublished
from flows.unpublished import keep, publish_kept
from warehouse.landing import Warehouse


class Server:
    """As much of Prefect's client as is asked of it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, UUID]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def read_flow_run(self, flow_run_id: UUID) -> SimpleNamespace:
        return SimpleNamespace(state=None)

    def create_artifact(self, artifact: Any) -> None:
        self.told.append((artifact.key, artifact.flow_run_id))

    def set_flow_run_state(self, flow_run_id: UUID, state: Any, force: bool) -> None:
        self.told.append((state.name, flow_run_id))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(unpublished, "get_client", lambda sync_client: made)
    return made


@pytest.mark.parametrize("left", ["", '{"arti', "[]", "\ud800"], ids=["nothing", "a part", "a list", "no UTF-8"])
def test_what_a_power_cut_left_stops_no_run(tmp_path: Path, server: Server, left: str) -> None:
    """Every later run ended with an error after its row had landed, for ever."""
    warehouse, torn, whole = Warehouse(tmp_path), UUID(int=1), uuid4()
    keep(warehouse, whole, artifacts=[{"key": "yield", "type": "table", "data": "[]"}])
    keep(warehouse, whole, done=True)
    keep(warehouse, torn, done=True)
    (tmp_path / "unpublished" / f"{torn}.json").write_text(left, "utf-8", "surrogatepass")
    assert publish_kept(warehouse) == 2
    assert server.told == [("yield", whole), ("Completed", whole)]
    assert list((tmp_path / "unpublished").iterdir()) == []


def test_what_is_kept_beside_a_torn_file_is_told(tmp_path: Path, server: Server) -> None:
    warehouse, flow_run = Warehouse(tmp_path), uuid4()
    keep(warehouse, flow_run, done=True)
    (tmp_path / "unpublished" / f"{flow_run}.json").write_text('{"arti')
    keep(warehouse, flow_run, crashed=True)
    assert publish_kept(warehouse) == 1
    assert server.told == [("Crashed", flow_run)]

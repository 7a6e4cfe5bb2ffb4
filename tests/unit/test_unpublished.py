"""What waits for Prefect's server beside a warehouse: told once, and nothing of it keeps a run from ending."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import State
from prefect.states import AwaitingRetry, Cancelled, Cancelling, Completed, Paused, Pending, Running, Scheduled

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
        self.now: dict[UUID, State | None] = {}
        self.tasks: dict[UUID, list[Any]] = {}
        """Those of a flow run that are not over."""
        self.ended: dict[UUID, str] = {}

    @contextmanager
    def client(self, sync_client: bool) -> Iterator["Server"]:
        assert sync_client
        yield self

    def read_flow_run(self, flow_run_id: UUID) -> Any:
        return SimpleNamespace(id=flow_run_id, state=self.now.get(flow_run_id))

    def create_artifact(self, artifact: Any) -> None:
        self.artifacts.append((artifact.flow_run_id, artifact.key))

    def set_flow_run_state(self, flow_run_id: UUID, state: Any, force: bool) -> None:
        self.states[flow_run_id] = state.type.value

    def read_task_runs(self, flow_run_filter: Any, task_run_filter: Any) -> list[Any]:
        assert {each.value for each in task_run_filter.state.type.any_} == {"RUNNING", "PENDING"}
        return [task for run in flow_run_filter.id.any_ for task in self.tasks.get(run, [])]

    def set_task_run_state(self, task_run_id: UUID, state: Any, force: bool) -> None:
        self.ended[task_run_id] = state.type.value


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


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (None, True),
        (Running(), True),
        (Paused(), True),
        (Cancelling(), True),
        (AwaitingRetry(), False),
        (Scheduled(), False),
        (Pending(), False),
        (Completed(), False),
        (Cancelled(), False),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_only_a_run_that_is_said_to_go_on_is_called_crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: State | None, told: bool
) -> None:
    warehouse, server, gone = Warehouse(tmp_path), Server(), uuid4()
    monkeypatch.setattr(unpublished, "get_client", server.client)
    server.now[gone] = state
    keep(warehouse, gone, crashed=True)
    assert publish_kept(warehouse) == 1
    assert server.states == ({gone: "CRASHED"} if told else {})


def test_a_run_that_crashed_and_was_retried_does_not_call_itself_crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: Retry in Prefect's UI has the same flow run go on, which in the end told the server that it had crashed:
    that freed its place in the queue, and set off whatever waits for crashes.
    """
    warehouse, server = Warehouse(tmp_path), Server()
    monkeypatch.setattr(unpublished, "get_client", server.client)
    retried, gone = uuid4(), uuid4()
    for each in (retried, gone):
        keep(warehouse, each, artifacts=[{"key": "funnel"}])
        keep(warehouse, each, crashed=True)
    assert publish_kept(warehouse, living=retried) == 2
    assert sorted(server.artifacts) == sorted([(retried, "funnel"), (gone, "funnel")])
    assert server.states == {gone: "CRASHED"}


def test_the_tasks_of_a_process_that_is_gone_end_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bug: the page of a run that was killed and retried showed them as running, for ever."""
    warehouse, server = Warehouse(tmp_path), Server()
    monkeypatch.setattr(unpublished, "get_client", server.client)
    retried, gone, unheard = uuid4(), uuid4(), uuid4()
    server.now = {retried: Running()}
    before, after = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    server.tasks = {
        run: [SimpleNamespace(id=uuid4(), expected_start_time=at) for at in (before, after)]
        for run in (retried, gone, unheard)
    }
    for each in (retried, gone):
        keep(warehouse, each, crashed=True)
    keep(warehouse, unheard, done=True)
    assert publish_kept(warehouse, living=retried) == 3
    ended = [server.tasks[retried][0], *server.tasks[gone]]  # not the living one's own, which end by themselves
    assert server.ended == {task.id: "CRASHED" for task in ended}

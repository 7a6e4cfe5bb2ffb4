"""What is ordered of a run in Prefect, by the state that its flow run has there."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.schemas.objects import State
from prefect.states import (
    AwaitingRetry,
    Cancelled,
    Cancelling,
    Completed,
    Crashed,
    Failed,
    Paused,
    Pending,
    Running,
    Scheduled,
    Suspended,
)

from flows import watch
from flows.watch import Order, Watch
from tasks.halt import Halt

ORDERS: list[tuple[State, Order]] = [
    (Running(), Order.GO_ON),
    (Pending(), Order.GO_ON),
    (Scheduled(), Order.GO_ON),
    (AwaitingRetry(), Order.GO_ON),
    (Crashed(), Order.GO_ON),
    (Paused(), Order.PAUSE),
    (Suspended(), Order.SUSPEND),
    (Cancelling(), Order.CANCEL),
    (Cancelled(), Order.CANCEL),
    (Failed(), Order.CANCEL),
    (Completed(), Order.CANCEL),
]


class Server:
    """Has one flow run, and hands itself out as the client."""

    def __init__(self, state: State) -> None:
        self.state, self.is_away = state, False

    def read_flow_run(self, flow_run_id: UUID) -> Any:
        if self.is_away:
            raise httpx.ConnectError("away")
        return self

    def set_flow_run_state(self, flow_run_id: UUID, state: State, force: bool) -> None:
        assert force
        self.state = state


@pytest.fixture
def watching(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Watch, Server]:
    server = Server(request.param)
    monkeypatch.setattr(watch, "get_client", lambda sync_client: server)
    return Watch(uuid4()), server


@pytest.mark.parametrize(
    ("watching", "order"), ORDERS, indirect=["watching"], ids=lambda each: getattr(each, "name", None)
)
def test_what_is_ordered_stays_so_while_the_server_is_away(watching: tuple[Watch, Server], order: Order) -> None:
    looking, server = watching
    assert looking.order() is order
    server.is_away = True
    assert looking.order() is order


@pytest.mark.parametrize("watching", [Crashed(message="no heartbeat for 90 s")], indirect=True)
def test_a_run_that_is_alive_says_so_where_it_is_called_crashed(watching: tuple[Watch, Server]) -> None:
    """The bug: the machine slept in mid-run, the server missed the heartbeats when it woke, and the run took that for
    an order to cancel it.
    """
    looking, server = watching
    with looking.halting(halt := Halt()):
        assert not halt.wait(1.5)
    assert server.state.is_running()
    server.state = Cancelling()
    assert looking.order() is Order.CANCEL

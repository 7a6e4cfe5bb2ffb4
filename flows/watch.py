"""What people order of a run in Prefect while it goes: cancel, pause, suspend. The server may be away meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from threading import Event, Thread
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Running

from flows.unpublished import AWAY
from tasks.halt import Halt

_EVERY_S = 1.0


class Order(StrEnum):
    """What is to become of a run."""

    GO_ON = "go on"
    CANCEL = "cancelled"
    PAUSE = "paused"
    SUSPEND = "suspended"


def current_flow_run() -> UUID | None:
    """Return the flow run that this is called in."""
    found = flow_run.get_id()
    return UUID(found) if found else None


class Watch:
    """Looks after one flow run's state in a thread of its own. Without a flow run, nothing is ever ordered."""

    def __init__(self, flow_run_id: UUID | None) -> None:
        self._flow_run_id = flow_run_id
        self._client = get_client(sync_client=True) if flow_run_id else None
        """One for all looks: whoever makes a client loads all certificates of the web."""
        self.state: State | None = None
        """As it was last seen."""

    @contextmanager
    def halting(self, halt: Halt) -> Iterator[None]:
        """Set `halt` as soon as anything but to go on is ordered."""
        done = Event()

        def look() -> None:
            while not done.wait(_EVERY_S):
                if self.order() is not Order.GO_ON:
                    halt.set()
                    return

        watching = Thread(target=look, name="watch", daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()

    def wait(self, halt: Halt) -> Order:
        """Return once something else is ordered than to pause, or `halt` is set."""
        while (order := self.order()) is Order.PAUSE and not halt.wait(_EVERY_S):
            pass
        return order

    def order(self) -> Order:
        """Return what is ordered now; what was ordered last where the server does not answer."""
        if self._client and self._flow_run_id:
            with suppress(*AWAY):
                self.state = _state(self._client, self._flow_run_id)
                if self.state and self.state.is_crashed():  # nobody orders that; whoever sees it here is alive
                    again: State = Running(message="it is heard of again; its machine may have slept")
                    self._client.set_flow_run_state(self._flow_run_id, again, force=True)
        state = self.state
        if state is None or state.is_crashed() or not (state.is_paused() or state.is_cancelling() or state.is_final()):
            return Order.GO_ON
        if not state.is_paused():
            return Order.CANCEL
        return Order.SUSPEND if state.name == "Suspended" else Order.PAUSE


def _state(client: SyncPrefectClient, flow_run_id: UUID) -> State | None:
    return client.read_flow_run(flow_run_id).state

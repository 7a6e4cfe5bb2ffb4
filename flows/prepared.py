"""What every flow has resolved before it sends anything, and what it says afterwards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from schemas.call import Request
from warehouse.packed_keys import PackedKeys

if TYPE_CHECKING:
    from flows.accounts import Accounts
    from flows.pair_accounts import PairAccounts
    from flows.preparation import Preparation
    from flows.recycle_preparation import RecyclePreparation
    from flows.rescore_preparation import DoubledKeys, RescorePreparation

Report = Callable[[Any, int], None]
"""Told a stage and how many more rows it has done."""


@dataclass(frozen=True)
class Shown:
    """What a run leaves in Prefect for people: the names of shipped queries over its plan."""

    key: str
    """Of the table artifact; `KEY-card` is the markdown beside it."""
    table: str
    funnel: str | None
    """Steps and how many were left at each."""
    sections: Mapping[str, str]
    """Titles of the card, each with its query."""
    traces: str | None = None
    """What the others ask of `traces_full`, asked once before them."""


class DueCalls:
    """Calls that are to be sent, each once: their keys as they were found, and what is asked, once that is wanted."""

    def __init__(self, find: Callable[[], Iterable[tuple[str, Request]]]) -> None:
        """`find` may give a call several times."""
        self._find = find
        self.call_ids = PackedKeys(dict.fromkeys(call_id for call_id, _ in find()))

    def __len__(self) -> int:
        return len(self.call_ids)

    def __iter__(self) -> Iterator[Request]:
        """Find them once more."""
        seen = set[str]()
        for call_id, request in self._find():
            if call_id not in seen:
                seen.add(call_id)
                yield request


Prepared: TypeAlias = "Preparation | RecyclePreparation | RescorePreparation"
"""What a flow has resolved before anything is sent: a plan, what is left of it, the warehouse as it was found."""
PlanAccounts: TypeAlias = "Accounts | PairAccounts | DoubledKeys"
"""The books and the bill of a plan."""

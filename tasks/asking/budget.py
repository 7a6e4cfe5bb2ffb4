"""A plan's budget: opened before the first call, told after the last."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from schemas.budget import Cap, Charge
from schemas.call import Request
from schemas.configuration import Budget
from schemas.teacher import TeacherSettings
from tasks.asking.endpoint import request_bytes, worst_case
from tasks.asking.forecast import total
from warehouse.journal import Journal


class Account(NamedTuple):
    """A budget that is open."""

    cap: Cap
    charged: Charge
    """What its calls are charged with so far."""
    worst: Mapping[str, Charge]
    """What one send of each call may cost at most, by call_id."""

    @property
    def line(self) -> str:
        """How far it is used, for a person."""
        return format_budget(self.cap, self.charged)

    def has_room(self, call_id: str) -> bool:
        return call_id not in self.worst or self.cap.has_room(self.charged, self.worst[call_id])

    def needs(self, call_ids: Iterable[str]) -> str:
        """Return what the cheapest of these calls may cost, and all of them, for a person; empty where no call is
        known.
        """
        worst = [self.worst[call_id] for call_id in call_ids if call_id in self.worst]
        if not worst:
            return ""
        least = min(worst, key=lambda charge: (charge.usd or 0.0, charge.tokens or 0))
        return f"the cheapest of them may cost {self._limited(least)}, all together {self._limited(total(worst))}"

    def _limited(self, charge: Charge) -> str:
        """What a limit is set for."""
        usd = [] if self.cap.usd is None else ["unknown" if charge.usd is None else f"{charge.usd:.4f} USD"]
        tokens = "unbounded" if charge.tokens is None else f"{charge.tokens:,} tokens"
        return " and ".join(usd + ([] if self.cap.tokens is None else [tokens]))


def open_account(
    budget: Budget,
    account: str,
    asked: Iterable[tuple[str, Request, TeacherSettings | None]],
    journal_path: Path,
) -> Account | None:
    """Open the budget of calls that are known, each with its call_id and the settings of its model; `account` names
    them.

    Returns None without a budget.
    """
    if not budget.is_set:
        return None
    worst = {
        call_id: worst_case(request, settings, request_bytes(request))
        for call_id, request, settings in asked
        if settings
    }
    with closing(Journal(journal_path)) as journal:
        charged = journal.open_account(account, worst)
    return Account(Cap(plan_id=account, tokens=budget.tokens, usd=budget.usd), charged, worst)


def format_budget(cap: Cap, charged: Charge) -> str:
    """Return how far a budget is used, for a person."""
    parts = []
    if cap.usd is not None:
        parts.append(f"{charged.usd or 0:.4f} of {cap.usd:g} USD")
    if cap.tokens is not None:
        parts.append(f"{charged.tokens or 0:,} of {cap.tokens:,} tokens")
    return "budget: charged with " + " and ".join(parts)

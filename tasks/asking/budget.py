"""A plan's budget: opened before the first call, told after the last."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from schemas.budget import Cap, Charge
from schemas.call import Request
from schemas.configuration import Budget
from schemas.teacher import TeacherSettings
from tasks.asking.endpoint import request_bytes, worst_case
from warehouse.journal import Journal


def open_account(
    budget: Budget,
    account: str,
    asked: Iterable[tuple[Mapping[str, Request], TeacherSettings | None]],
    journal_path: Path,
) -> tuple[Cap, Charge] | None:
    """Open the budget of calls that are known, of each model with its settings; `account` names them.

    Returns the cap, and what they are charged with so far; None without a budget.
    """
    if not budget.is_set:
        return None
    worst = {
        call_id: worst_case(request, settings, request_bytes(request))
        for requests, settings in asked
        for call_id, request in requests.items()
        if settings
    }
    with closing(Journal(journal_path)) as journal:
        charged = journal.open_account(account, worst)
    return Cap(plan_id=account, tokens=budget.tokens, usd=budget.usd), charged


def format_budget(cap: Cap, charged: Charge) -> str:
    """How far a budget is used, for a person."""
    parts = []
    if cap.usd is not None:
        parts.append(f"{charged.usd or 0:.4f} of {cap.usd:g} USD")
    if cap.tokens is not None:
        parts.append(f"{charged.tokens or 0:,} of {cap.tokens:,} tokens")
    return "budget: charged with " + " and ".join(parts)

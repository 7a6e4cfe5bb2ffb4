"""Writes to the journal that are committed together.

One statement serves the whole group, however large it is: Python's sqlite3 gives the interpreter lock away in every
statement, and waits up to 5 ms to get it back from a busy event loop.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.budget import Cap, Charge
from schemas.call import SendEnd


@dataclass(frozen=True)
class Intent:
    """A send that is announced."""

    call_id: str
    worst: Charge


@dataclass(frozen=True)
class Settlement:
    """How send `n` of a call ended."""

    call_id: str
    n: int
    outcome: SendEnd
    error: str | None
    spent: Charge
    answer: str | None
    """The terminal call as JSON."""


class OverBudget:
    """Nothing was announced: the cap has no room for the worst case of this send."""


Write = Intent | Settlement
Found = int | str | OverBudget | None
"""What a write gives back: a send's number, a journaled answer as JSON, no room, or nothing for a settlement."""

_SETTLE = """
    UPDATE sends SET outcome = v.value ->> 2, error = v.value ->> 3, tokens = v.value ->> 4, usd = v.value ->> 5
    FROM json_each(?) AS v WHERE call_id = v.value ->> 0 AND n = v.value ->> 1
    RETURNING tokens - worst_tokens, usd - worst_usd
"""
_ANSWER = "INSERT OR IGNORE INTO answers SELECT value ->> 0, value ->> 1 FROM json_each(?)"
_LOOK_UP = """
    SELECT value, (SELECT call FROM answers WHERE call_id = value),
        (SELECT coalesce(max(n), 0) FROM sends WHERE call_id = value) FROM json_each(?)
"""
_ANNOUNCE = """
    INSERT INTO sends (call_id, n, worst_tokens, worst_usd, plan_id)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)
"""
_ACCOUNT = "SELECT tokens, usd FROM accounts WHERE plan_id = ?"
_CHARGE = "UPDATE accounts SET tokens = ?, usd = ? WHERE plan_id = ?"


def write_group(db: sqlite3.Connection, writes: Sequence[Write], cap: Cap | None) -> list[Found]:
    """Write what several callers want, inside a transaction. Settlements count before intents: what they give back of
    the budget is there to use.
    """
    charged = _charged(db, cap)
    settled = _settle(db, [write for write in writes if isinstance(write, Settlement)])
    charged = _sum([charged, *settled])
    found, charged = _announce(db, [write for write in writes if isinstance(write, Intent)], charged, cap)
    if cap:
        db.execute(_CHARGE, (charged.tokens, charged.usd, cap.plan_id))
    numbers = iter(found)
    return [next(numbers) if isinstance(write, Intent) else None for write in writes]


def _charged(db: sqlite3.Connection, cap: Cap | None) -> Charge:
    if cap is None:
        return Charge()
    [(tokens, usd)] = db.execute(_ACCOUNT, (cap.plan_id,)).fetchall()
    return Charge(tokens=tokens, usd=usd)


def _settle(db: sqlite3.Connection, settlements: Sequence[Settlement]) -> list[Charge]:
    """What each gives back of its worst case; nothing where its cost is not known."""
    if not settlements:
        return []
    rows = [(s.call_id, s.n, s.outcome, s.error, s.spent.tokens, s.spent.usd) for s in settlements]
    freed = db.execute(_SETTLE, (_json(rows),)).fetchall()
    if answers := [(s.call_id, s.answer) for s in settlements if s.answer]:
        db.execute(_ANSWER, (_json(answers),))
    return [Charge(tokens=tokens or 0, usd=usd or 0.0) for tokens, usd in freed]


def _announce(
    db: sqlite3.Connection, intents: Sequence[Intent], charged: Charge, cap: Cap | None
) -> tuple[list[Found], Charge]:
    """What each finds, and the charge with those that are announced."""
    if not intents:
        return [], charged
    ids = _json([intent.call_id for intent in intents])
    known = db.execute(_LOOK_UP, (ids,)).fetchall()
    answers: dict[str, str] = {call_id: call for call_id, call, _ in known if call is not None}
    last: dict[str, int] = {call_id: n for call_id, _, n in known}
    found: list[Found] = []
    rows: list[tuple[Any, ...]] = []
    for intent in intents:
        if answer := answers.get(intent.call_id):
            found.append(answer)
        elif cap and not cap.has_room(charged, intent.worst):
            found.append(OverBudget())
        else:
            n = last[intent.call_id] = last[intent.call_id] + 1
            charged = _sum([charged, intent.worst])
            rows.append((intent.call_id, n, intent.worst.tokens, intent.worst.usd, cap.plan_id if cap else None))
            found.append(n)
    if rows:
        db.execute(_ANNOUNCE, (_json(rows),))
    return found, charged


def _json(rows: Sequence[Any]) -> str:
    return orjson.dumps(rows).decode()


def _sum(charges: Iterable[Charge]) -> Charge:
    parts = list(charges)
    return Charge(tokens=sum(p.tokens or 0 for p in parts), usd=sum(p.usd or 0.0 for p in parts))

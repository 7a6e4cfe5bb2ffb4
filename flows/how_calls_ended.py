"""What ends a command because of how its calls ended, or have not."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from schemas.call import OVER_BUDGET
from schemas.errors import AllRefused, BudgetReached, Incomplete
from schemas.teacher import TeacherSettings
from tasks.asking.budget import Account
from tasks.asking.first_answers import advice_on_refusal


def check_answered(pending: Mapping[str, str], open_account: Callable[[], Account | None]) -> None:
    """Raise `BudgetReached` or `Incomplete` where calls have no answer, by the reason of each."""
    left = [call_id for call_id, reason in pending.items() if reason == OVER_BUDGET]
    if left and (account := open_account()):
        raise _reached(account, left)
    if pending:
        listed = "; ".join(f"{reason} ({n})" for reason, n in Counter(pending.values()).most_common(3))
        raise Incomplete(f"{len(pending)} calls have no answer yet: {listed}. The same command continues")


def check_room(account: Account | None, due: Collection[str]) -> None:
    """Raise `BudgetReached` where none of the calls that are due fits."""
    if account and due and not any(map(account.has_room, due)):
        raise _reached(account, due)


def _reached(account: Account, left: Collection[str]) -> BudgetReached:
    needs = account.needs(left)
    return BudgetReached(
        f"{account.line}; {len(left)} calls are left, and the worst case of the next one does not fit"
        f"{f': {needs}' if needs else ''}. The same command with a higher budget continues"
    )


def check_not_refused(ended: Mapping[str | None, int], teacher: TeacherSettings) -> None:
    """Raise `AllRefused` as `refusal_of_all` has it, with what can be done."""
    if found := refusal_of_all(ended):
        again = ". The same command asks none of them again; with --fresh NAME it does"
        raise AllRefused(f"{found.said}{advice_on_refusal(found.most, teacher) or again}")


class Refusal(NamedTuple):
    most: str
    """The most frequent error."""
    said: str
    """In the endpoint's own words."""


def refusal_of_all(ended: Mapping[str | None, int]) -> Refusal | None:
    """Return what an endpoint said that refused every call that `ended`: by the error of each, others by None."""
    errors = Counter({error: n for error, n in ended.items() if error is not None})
    if not errors or errors.total() < sum(ended.values()):
        return None
    [(most, n)] = errors.most_common(1)
    return Refusal(most, f"the endpoint refused every call ({errors.total()}): {most} ({n})")

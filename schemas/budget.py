"""What calls are charged with, and how much that may be."""

from schemas.record import Record


class Charge(Record):
    """Tokens and dollars. None: not known, or without a bound."""

    tokens: int | None = None
    """Prompt and completion together."""
    usd: float | None = None


_ROUNDING = 1e-9
"""What adding up a million sums may err by, at most, in parts of the result."""


def both(one: Charge, other: Charge) -> Charge:
    """Return the sum; None where either is."""
    return Charge(
        tokens=None if one.tokens is None or other.tokens is None else one.tokens + other.tokens,
        usd=None if one.usd is None or other.usd is None else one.usd + other.usd,
    )


NOTHING = Charge(tokens=0, usd=0.0)


def larger_excess(known: Charge, worst: Charge, spent: Charge) -> Charge:
    """Return the most by which a call has cost more than its worst case: an endpoint may count tokens in its own way,
    or not keep to max_tokens.
    """
    return Charge(
        tokens=max(known.tokens or 0, (spent.tokens or 0) - (worst.tokens or 0)),
        usd=max(known.usd or 0.0, (spent.usd or 0.0) - (worst.usd or 0.0)),
    )


class Cap(Record):
    """What the calls of one plan may be charged with over all runs. None: no limit."""

    plan_id: str
    tokens: int | None = None
    usd: float | None = None

    def has_room(self, charged: Charge, worst: Charge) -> bool:
        """Return whether `worst` fits on top of `charged`. What has no known worst case never fits under a
        limit on it.
        """
        usd = None if self.usd is None else self.usd * (1 - _ROUNDING)
        limits = ((self.tokens, charged.tokens, worst.tokens), (usd, charged.usd, worst.usd))
        return all(
            cap is None or (spent is not None and more is not None and spent + more <= cap)
            for cap, spent, more in limits
        )

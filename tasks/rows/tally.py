"""What there was in the rows of a data set, for a person who is about to have something asked about them. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.exchange import RejectedRow

_SHOWN = 5
"""Rejected rows that are told one by one."""


@dataclass(frozen=True)
class RowCounts:
    what: str
    """What a good row is, in the plural."""
    n_rows: int
    """All that were read, rejected ones included."""
    n_equal: int
    """Rows that are equal to an earlier one."""
    n_equal_ids: int
    """Rows that are left and have the id of an earlier one."""
    n_without_gold: int
    rejected: Sequence[RejectedRow]
    n_missing: int = 0
    """Recorded responses that are absent or null."""
    n_more: int = 0
    """Rows that add a recorded response to an earlier question."""
    notes: Counter[str] = field(default_factory=Counter)
    """What of rows is left out, and of how many."""

    def lines(self) -> list[str]:
        """Return the counts, each of the first rejected rows, and the notes."""
        n_bad = len(self.rejected)
        n_good = self.n_rows - self.n_equal - self.n_more - n_bad
        more = f" + {self.n_more} with another response" if self.n_more else ""
        lines = [
            f"rows: {self.n_rows} = {n_good} {self.what}{more} + {self.n_equal} equal to an earlier row + {n_bad} that"
            f" cannot be read; {self.n_equal_ids} with the id of another; {self.n_without_gold} without a gold"
        ]
        lines += [f"cannot be read: {row}" for row in self.rejected[:_SHOWN]]
        if n_bad > _SHOWN:
            lines.append(f"cannot be read: {n_bad - _SHOWN} more; a run lands them in the table rejected_rows")
        lines += [f"left out of {n} rows: {note}" for note, n in sorted(self.notes.items())]
        return lines + ([f"{self.n_missing} recorded responses are absent or null"] if self.n_missing else [])

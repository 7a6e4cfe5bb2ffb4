"""What a student that has learnt an arm says to a held-out question."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeldOutAnswer:
    item: str
    sample_index: int | None
    """None: the greedy one."""
    response: str
    n_tokens: int

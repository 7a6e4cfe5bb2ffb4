"""How an answer that was written here ended."""

from typing import NamedTuple


class Written(NamedTuple):
    finish_reason: str
    """`stop`, or `length`."""
    prompt_tokens: int
    completion_tokens: int

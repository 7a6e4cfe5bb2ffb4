"""What a plan asks for, known before a token is bought."""

from schemas.record import Record


class Attempt(Record):
    """One (question, sample_index) of a plan."""

    attempt_id: str
    """Key over the question, the sample index, the call it starts with and, other than by default, how it goes on from
    there. Plans that ask for the same share it."""
    plan_id: str
    shard_id: str
    question_id: str
    sample_index: int
    """0-based."""
    call_id: str
    """The exact request that it starts with, keyed before it is sent; later ones follow from the answers."""
    prompt_version: str | None
    """Hash of the prompts and the suffix; None for recorded completions."""


class Shard(Record):
    """A unit of work: all attempts of its questions, in plan order."""

    shard_id: str
    attempts: tuple[Attempt, ...]

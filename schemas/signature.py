"""By what duplicates of a trace are found."""

from schemas.record import Record


class Signature(Record):
    """A trace and its question as one text, in the form in which the index of duplicates compares it."""

    trace_id: str
    method: str
    """Names everything that the other columns depend on beside the text: only those of one method compare."""
    text_key: str
    """Hash of the text in normal form: equal for exact duplicates."""
    bands: tuple[int, ...]
    """Near duplicates share one of these with a chance that grows with their likeness (MinHash, in bands)."""

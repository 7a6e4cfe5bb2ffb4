"""Evidence that a question stands in a benchmark."""

from enum import StrEnum

from schemas.record import Record


class Detector(StrEnum):
    """What finds contamination; in this order they are asked, and the first that convicts is named."""

    NGRAM = "ngram"
    """The same words in the same order, or Python code of the same structure."""
    EMBEDDING = "embedding"
    """The same meaning, as a sentence-transformers model sees it, or a multilingual one across languages."""
    JUDGE = "judge"
    """The same problem, as a teacher says of the nearest neighbours."""


class Finding(Record):
    """What one detector says of one text and the benchmark item that comes nearest to it."""

    place: int
    """Of the item, among those that were given."""
    detector: Detector
    contaminated: bool | None
    """None: undecided."""
    score: float | None
    """0 to 1: the share of the item's word sequences that stand in the text (ngram), or the cosine."""
    start: int | None = None
    """Where the match is in the text, in characters; None where it is all of it, or nowhere in particular."""
    end: int | None = None
    evidence: str
    """The rule that convicted or almost did; the numbers in common; the judge's answers."""


class Contamination(Record):
    """One finding on one question. What no detector saw has no row, but embeddings see the nearest item of each."""

    contamination_id: str
    """Key over the check and the question."""
    check_id: str
    """Key over the detector, its version and the benchmarks' content: with another threshold it is another check."""
    question_id: str
    benchmark: str
    match_id: str
    match_text: str
    """The item that comes nearest, so that a reviewer need not look for it."""
    detector: Detector
    detector_version: str
    """Rules, thresholds and model."""
    contaminated: bool | None
    """None: undecided, because the judge failed or contradicted itself, or the question is too long to be embedded."""
    borderline: bool
    """Not convicted, and near enough to be worth a look."""
    score: float | None
    """0 to 1: the share of the item's word sequences that stand in the question (ngram), or the cosine."""
    start: int | None
    """Where the match is in the question's text, in characters; None where it is nowhere in particular."""
    end: int | None
    evidence: str
    """The rule that convicted or almost did; the numbers in common; the judge's answers."""

"""What a student made of a release: one row for each arm and seed, and one for each answer."""

from schemas.record import Record
from schemas.verdict import Effect, Ruling


class Experiment(Record):
    """One arm of an experiment with one seed: what the student learnt, and how that went."""

    experiment_id: str
    """Key over the configuration, the student's files, the rows of every arm and the questions."""
    arm: str
    seed: int
    case_id: str
    """Key over the experiment, the arm and the seed."""
    release: str
    """Its name."""
    release_content: str
    """The release's content hash."""
    student: str
    """A hub name, or the name of a folder: as it was before it learnt."""
    student_revision: str
    n_rows: int
    """0 of the untrained student."""
    n_left_out: int
    """Of these, rows without a learnt token before `training.max_length`."""
    n_copies: int
    """Rows of the pool that copy a held-out question; left out, but in an arm that plants some."""
    rows_hash: str | None
    steps: int
    """Of the optimiser; 0 of the untrained student."""
    tokens: int
    """Read in training."""
    loss: float | None
    """Of the last steps."""
    train_s: float | None
    tokens_per_s: float | None
    peak_mib: float | None
    answer_s: float
    n_items: int
    accuracy: float
    """Share of the held-out questions whose greedy answer is correct; unverified counts as not correct."""
    configuration: str
    """Canonical JSON of the experiment's configuration."""
    code_version: str
    libraries: str
    """Canonical JSON: versions of what trains and answers."""


class Evaluation(Record):
    """One answer of a student that has learnt, and the verdict on it."""

    evaluation_id: str
    experiment_id: str
    arm: str
    seed: int
    item: str
    """Of the held-out question."""
    sample_index: int | None
    """None: the greedy answer."""
    response: str
    answer: str | None
    verdict: Ruling
    reason: str
    effect: Effect | None
    """What the student's own reflections did, by its drafts; None where nothing was judged."""
    structure: str
    """Well formed, or the first defect that the tag grammar finds."""
    n_tokens: int

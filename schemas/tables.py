"""The tables of the warehouse: which record each holds and which column keys it."""

from schemas.attempt import Attempt
from schemas.call import Call
from schemas.contamination import Contamination
from schemas.curation import Curation, Decision
from schemas.exchange import RejectedRow
from schemas.experiment import Evaluation, Experiment
from schemas.failure import Failure
from schemas.pair import Original, Pair, Selected
from schemas.question import Drawn, Question
from schemas.record import Record
from schemas.release import Release
from schemas.ruling import GoldRuling
from schemas.run import Run
from schemas.score import Score
from schemas.signature import Signature
from schemas.trace import Trace
from schemas.verdict import Verdict

TABLES: dict[str, type[Record]] = {
    "questions": Question,
    "draws": Drawn,
    "attempts": Attempt,
    "calls": Call,
    "traces": Trace,
    "failures": Failure,
    "verdicts": Verdict,
    "scores": Score,
    "originals": Original,
    "pairs": Pair,
    "selections": Selected,
    "rejected_rows": RejectedRow,
    "rulings": GoldRuling,
    "contaminations": Contamination,
    "signatures": Signature,
    "curations": Curation,
    "decisions": Decision,
    "releases": Release,
    "runs": Run,
    "experiments": Experiment,
    "evaluations": Evaluation,
}

KEYS: dict[str, tuple[str, ...]] = {
    "questions": ("question_id",),
    "draws": ("draw_id", "question_id"),
    "attempts": ("plan_id", "attempt_id"),
    "calls": ("call_id",),
    "traces": ("trace_id",),
    "failures": ("attempt_id",),
    "verdicts": ("verdict_id",),
    "scores": ("score_id",),
    "originals": ("plan_id", "original_id"),
    "pairs": ("plan_id", "pair_id"),
    "selections": ("plan_id", "original_id"),
    "rejected_rows": ("rejected_id",),
    "rulings": ("ruling_id",),
    "contaminations": ("contamination_id",),
    "signatures": ("method", "trace_id"),
    "curations": ("curation_id",),
    "decisions": ("curation_id", "attempt_id"),
    "releases": ("release_id",),
    "runs": ("run_id",),
    "experiments": ("case_id",),
    "evaluations": ("evaluation_id",),
}

VOLATILE: dict[str, tuple[str, ...]] = {
    "calls": ("latency_s", "tries"),
    "verdicts": ("duration_s",),
    "curations": ("table_versions",),
    "experiments": ("train_s", "tokens_per_s", "peak_mib", "answer_s"),
}
"""Columns that may differ between two undisturbed runs (times and what timing decides): not in a row hash."""

LATER: dict[str, tuple[str, ...]] = {
    "calls": ("extra_body",),
    "curations": ("scorer",),
    "decisions": ("line", "span"),
    "scores": ("template_adds",),
}
"""Columns that older rows do not have, never a table's first: not in a row hash where they are NULL."""

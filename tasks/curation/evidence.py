"""What the detectors of a policy say of the warehouse's questions, landed before anything is decided."""

from collections.abc import Sequence
from typing import Protocol

from schemas.call import Call
from schemas.contamination import Detection, Detector
from tasks.contamination.across import MultilingualEmbedder
from tasks.contamination.check import Embedding, check_questions
from tasks.contamination.judge import Messages
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


class Judge(Protocol):
    """Asks the judging detector's teacher, and keeps the terminal calls."""

    calls: list[Call]

    def __call__(self, conversations: Sequence[Messages]) -> list[str | None]: ...


def gather_evidence(warehouse: Warehouse, settings: Detection, judge: Judge | None, run_id: str) -> tuple[str, ...]:
    """Land what the table `contaminations` lacks; returns the checks whose rows are in force.

    Raises `Refused` for a benchmark, model or judge that cannot be used.
    """
    if Detector.JUDGE in settings.detectors and judge is None:
        raise ValueError("contamination.detectors: got judge; needs `judge`")
    try:
        with Snapshot(warehouse) as now:
            checked = check_questions(now, settings, _load, judge, MultilingualEmbedder)
    finally:
        if judge:
            _land_calls(warehouse, judge.calls, run_id)
    warehouse.land("contaminations", checked.new, run_id, f"contaminations {run_id}")
    return checked.check_ids


def _load(settings: Detection) -> Embedding:
    from tasks.contamination.embedding import Embedder  # torch: only where a detector embeds

    return Embedder(settings)


def _land_calls(warehouse: Warehouse, calls: Sequence[Call], run_id: str) -> None:
    with Snapshot(warehouse) as now:
        known = now.present("calls", [call.call_id for call in calls])
    warehouse.land("calls", [call for call in calls if call.call_id not in known], run_id, f"judge {run_id}")

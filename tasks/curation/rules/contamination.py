"""Which benchmarks no question may stand in."""

from schemas.contamination import Detector
from schemas.detection import Detection
from tasks.contamination.check import check_questions
from tasks.contamination.embedders import load_embedder, load_multilingual
from tasks.curation.rules.rule import AskJudge, Rule
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


class ContaminationRule(Detection, Rule):
    """On when it names benchmarks; what the detectors find lands in the table `contaminations` first. Reasons:
    `contaminated`, `contamination_undecided`."""

    undecided: bool = True
    """False: traces of questions go that a detector could not decide on, and none convicted."""

    statements = (
        "SELECT place, 'contaminated' AS reason FROM remaining WHERE contaminated",
        """
        SELECT place, 'contamination_undecided' AS reason
        FROM remaining
        WHERE contaminated IS NULL AND NOT $undecided
        """,
    )

    @property
    def is_on(self) -> bool:
        return bool(self.benchmarks)

    @property
    def asks(self) -> bool:
        """Whether one of the detectors asks the teacher that judges."""
        return Detector.JUDGE in self.detectors

    def prepare(self, warehouse: Warehouse, judge: AskJudge | None, run_id: str) -> tuple[str, ...]:
        """Land what the table `contaminations` lacks. Raises `Refused` for a benchmark, model or judge that cannot be
        used.
        """
        if self.asks and judge is None:
            raise ValueError("contamination.detectors: got judge; needs `judge`")
        try:
            with Snapshot(warehouse) as now:
                checked = check_questions(now, self, load_embedder, judge, load_multilingual)
        finally:
            if judge:
                with Snapshot(warehouse) as now:
                    known = now.present("calls", [call.call_id for call in judge.calls])
                new = [call for call in judge.calls if call.call_id not in known]
                warehouse.land("calls", new, run_id, f"judge {run_id}")
        warehouse.land("contaminations", checked.new, run_id, f"contaminations {run_id}")
        return checked.check_ids

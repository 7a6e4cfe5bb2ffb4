"""`reflectory decontaminate`: which rows of a file copy benchmark items, and what that comes to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from flows.cli.options import errors
from flows.configure import read_as
from schemas.contamination import Detector
from schemas.detection import Detection, DetectionConfiguration
from tasks.contamination.decontaminate_file import decontaminate_file
from tasks.contamination.detect import embeds, named_detectors
from tasks.contamination.embedders import load_embedder, load_multilingual
from tasks.contamination.model_folder import model_folder
from tasks.rows.rewriting import Complaints

if TYPE_CHECKING:
    from flows.pair_judge import PairJudge


def read_detection(config: Path | None, sets: Sequence[str], detectors: str | None) -> Detection:
    """Return the settings of a file, or the defaults, with `--set` and `--detectors` over them. Raises `Refused`."""
    settings = read_as(DetectionConfiguration, config, sets).contamination
    if detectors is None:
        return settings
    names = [name.strip() for name in detectors.split(",")]
    return settings.model_copy(update={"detectors": named_detectors(names, "--detectors")})


def decontaminate(console: Console, data: Path, against: Sequence[Path], out: Path, settings: Detection) -> None:
    """Write the findings to `out` and say what they come to. The judge's answers stay in a journal beside it."""
    ask = _judge(settings, out.with_name(f"{out.name}.calls"))
    if embeds(settings):
        model_folder(settings.model)
    complaints = Complaints(data)
    with console.status(f"comparing {data} with {len(against)} files"):
        counts = decontaminate_file(
            data,
            against,
            out,
            settings,
            embed=lambda texts: load_embedder(settings).embed(texts),
            ask=ask,
            embed_across=lambda texts: load_multilingual().embed(texts),
            complaints=complaints,
        )
    for line in complaints.lines():
        errors.print(f"reflectory: {line}", markup=False)
    complaints.refuse_all(counts.rows)
    totals = [f"{counts.rows} rows", f"{counts.contaminated} contaminated", f"{counts.clean} clean"]
    if counts.undecided:
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(counts.undecided.items()))
        totals.append(f"{counts.undecided.total()} undecided ({reasons})")
    if counts.skipped:
        totals.append(f"{counts.skipped} empty benchmark items passed over")
    console.print(", ".join(totals), markup=False)


def _judge(settings: Detection, journal: Path) -> "PairJudge | None":
    if Detector.JUDGE not in settings.detectors:
        return None
    from flows.pair_judge import PairJudge  # what asks teachers, and policies

    return PairJudge(settings.judge, journal)

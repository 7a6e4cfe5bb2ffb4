"""`reflectory prove`: what a release teaches, as tables, lifts and hypotheses."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from flows.configure import read_as
from flows.experiment_tables import arms_table, card_line, hypothesis_lines, lift_lines
from flows.prefect_settings import configure_prefect, wait_for_prefect
from flows.release import releases_beside
from flows.rendering import rich_table
from schemas.errors import Refused
from schemas.proving import DemoConfiguration, Measures, ProveConfiguration
from tasks.publishing.manifest import release_folder
from warehouse.landing import Warehouse

if TYPE_CHECKING:
    from flows.prove_demo import Measured
    from flows.proven import Proven

DEMO = Path("data/prove_demo")
DIFFERENT = 1
"""Exit code of a rerun whose answers differ."""


def prove_and_show(
    console: Console,
    release: str,
    config: Path | None,
    sets: Sequence[str],
    again: bool,
    releases: Path | None,
    warehouse: Path,
) -> int:
    """Return the exit code. Raises `Refused` before anything is trained."""
    if sets and config is None:
        raise Refused("--set: got settings without a CONFIG; an experiment that is there already stays as it is")
    configuration = read_as(ProveConfiguration, config, sets) if config else None
    folder = release_folder(releases or releases_beside(Warehouse(warehouse)), release)
    configure_prefect()
    from flows.prove import prove, telling  # while the server starts

    wait_for_prefect()
    with telling(console.print):
        proven = prove(str(folder), configuration, str(warehouse), again)
    show(console, proven)
    if proven.differs is None:
        return 0
    if proven.differs:
        console.print(f"again: other answers of {', '.join(proven.differs)}", markup=False)
        return DIFFERENT
    console.print("again: the same answers, arm by arm and seed by seed")
    return 0


def prove_demo(console: Console, config: Path, sets: Sequence[str], out: Path | None) -> int:
    """Return the exit code: 0, whatever becomes of the hypotheses."""
    configuration = read_as(DemoConfiguration, config, sets)
    configure_prefect()
    from flows.prove_demo import run_demo  # while the server starts

    wait_for_prefect()
    console.print("expected, before the run:")
    for each in configuration.prove.hypotheses:
        console.print(f"  {each.says}: {each.arm} - {each.than} at least {each.at_least:+.2f}", markup=False)
    done = run_demo(console, configuration, (out or DEMO).absolute())
    show(console, done.proven)
    for line in measured_lines(done.measured, configuration.measures):
        console.print(line, markup=False)
    console.print(f"{sum(done.seconds.values()):.0f} s in all. It claims nothing about large models.")
    return 0


def show(console: Console, proven: "Proven") -> None:
    """Print what an experiment has shown, as tables and lines."""
    outcome = proven.outcome
    console.print(rich_table(*arms_table(outcome), title=f"Arms of experiment {proven.experiment.experiment_id[:12]}"))
    for line in (*lift_lines(proven), *hypothesis_lines(outcome), *copies_lines(proven)):
        console.print(line, markup=False)
    console.print(card_line(proven).removeprefix("- "), markup=False)
    console.print(f"all that it takes to run it again: {proven.experiment.folder}", markup=False)


def copies_lines(proven: "Proven") -> list[str]:
    """Return how many rows of each arm copied a held-out question."""
    copies = {case.arm: case.n_copies for case in proven.experiment.planned}
    found = ", ".join(f"{arm} {n}" for arm, n in copies.items() if n)
    return [f"rows that copy a held-out question, left out: {found or 'none'}"]


def measured_lines(measured: "Measured", wanted: Measures) -> list[str]:
    """Return the hypotheses about the data, each beside what came."""
    auc = measured.wrong_label_auc
    fell = measured.fall >= wanted.off_question_falls_by
    hidden = auc is not None and auc < wanted.wrong_label_auc_below
    return [
        f"{_word(fell)}: responses to another question fall by {wanted.off_question_falls_by:.0%} (came"
        f" {measured.fall:.0%}: {measured.raw_off_question:.1%} of the raw pairs,"
        f" {measured.released_off_question:.1%} of the release)",
        f"{_word(hidden)}: IFD does not find wrong labels (wanted an AUC below {wanted.wrong_label_auc_below}; came"
        f" {'none' if auc is None else f'{auc:.3f}'})",
    ]


def _word(confirmed: bool) -> str:
    return "CONFIRMED" if confirmed else "NOT CONFIRMED"

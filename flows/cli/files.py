"""Commands on files, without the factory: no warehouse, no Prefect."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import OutOption, SetOption, errors
from schemas.errors import Refused
from schemas.student_backend import StudentBackend
from tasks.extras import check_extras

_VLLM = "http://127.0.0.1:8000/v1"
"""Where `make vllm` serves."""


def _apart(out: Path, *given: Path) -> None:
    """Raises `Refused` where what is written would replace what is read."""
    for path in given:
        if out.exists() and path.exists() and out.samefile(path):
            raise Refused(f"--out: got {out}, which is read; needs another file, because it would be written over")


def verify(
    responses: Annotated[Path, typer.Argument(metavar="IN")],
    out: OutOption,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one for each core.")] = None,
) -> None:
    """Judge answers from a file of JSON, JSONL, CSV or Parquet, without the factory."""
    _apart(out, responses)
    from flows.cli.verify import verify_and_show

    verify_and_show(errors, responses, out, workers)


def score(
    pairs: Annotated[Path, typer.Argument(metavar="IN")],
    student: Annotated[str, typer.Option(help="Folder or Hugging Face name.")],
    template: Annotated[str, typer.Option(help="A TOML file, chat or plain.")],
    out: OutOption,
    max_length: Annotated[int | None, typer.Option(min=2, help="Window in tokens.")] = None,
    backend: Annotated[StudentBackend, typer.Option(help="What reads with its weights.")] = StudentBackend.TRANSFORMERS,
    base_url: Annotated[str | None, typer.Option(help=f"Of the vLLM server; by default {_VLLM}.")] = None,
    set_: SetOption = None,
) -> None:
    """Score pairs by IFD and r-IFD, from a file of JSON, JSONL, CSV or Parquet, without the factory.

    Keys of the section `student`: `--set student.…`.
    """
    from flows.cli.progress import progress_of_file
    from flows.configure import read_as
    from schemas.configuration import LineConfiguration
    from tasks.rows.rewriting import Complaints

    _apart(out, pairs)
    check_extras("score", "student")
    from tasks.scoring.score_file import score_file

    url = base_url or (_VLLM if backend is StudentBackend.VLLM else None)
    given = {"model": student, "template": template, "max_length": max_length, "backend": backend, "base_url": url}
    settings = read_as(LineConfiguration, {"student": given}, set_ or []).student
    complaints = Complaints(pairs)
    with progress_of_file(errors, pairs) as report:
        counts = score_file(pairs, out, settings, complaints, report)
    for complaint in complaints.lines():
        errors.print(f"reflectory: {complaint}", markup=False)
    complaints.refuse_all(counts.rows)
    if counts.template_adds:
        errors.print(f"the chat template says before every instruction: {counts.template_adds}", markup=False)
    errors.print(f"{counts.rows} rows, {counts.with_ifd} with IFD, {counts.with_rifd} with r-IFD")


def decontaminate(
    data: Annotated[Path, typer.Argument(metavar="DATA")],
    against: Annotated[list[Path], typer.Option("--against", metavar="BENCH", help="May be given repeatedly.")],
    out: OutOption,
    detectors: Annotated[
        str | None,
        typer.Option(help="Of ngram,embedding,judge; default the first two. The judge: contamination.judge."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML with a section `contamination`.")] = None,
    set_: SetOption = None,
) -> None:
    """Find the rows of a file that copy or rephrase benchmark items, without the factory.

    Files are of JSON, JSONL, CSV or Parquet. A row without an id has the number of its line for one ("line 3"); an
    undecided row says why (`reason`).
    """
    from flows.cli.decontaminate import decontaminate, read_detection
    from schemas.contamination import Detector
    from tasks.contamination.detect import embeds

    _apart(out, data, *against)
    settings = read_detection(config, set_ or [], detectors)
    asked = ["run"] if Detector.JUDGE in settings.detectors else []
    check_extras("decontaminate", *(["decontaminate"] if embeds(settings) else []), *asked)
    decontaminate(errors, data, against, out, settings)

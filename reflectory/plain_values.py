"""Functions on plain Python values: rows are mappings, and results are lists of dictionaries in the rows' order."""

import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from schemas.errors import Refused

if TYPE_CHECKING:
    from tasks.rows.rewriting import Complaints

Row = Mapping[str, Any]
_ROWS = Path("rows")
"""How messages call the rows that were given."""


def verify(rows: Iterable[Row], workers: int | None = None) -> list[dict[str, Any]]:
    """Judge responses as the command `reflectory verify` does, in processes that end before this returns.

    Args:
        rows: each with `response` and `gold`, and if you like `id`, `kind`, `spec` and `question`; what numpy holds,
            decimals and dates are read by value.
        workers: processes at most; by default one for each core.

    Returns:
        For each row `id`, `verdict` (`correct`, `incorrect` or `unverified`), `reason`, `answer` and `effect`. A row
        that cannot be judged is `unverified` with its reason, and a warning says what is wrong with it.

    Raises:
        Refused: where no row can be judged, or one is no mapping.
    """
    from tasks.judging.verify_processes import verify_in_processes
    from tasks.rows.rewriting import Complaints

    complaints = Complaints(_ROWS, "line")
    with _files(rows=rows) as (folder, [given]):
        verify_in_processes(given, folder / "out.jsonl", complaints, workers or os.cpu_count() or 1)
        judged = _read(folder / "out.jsonl")
    return _after_warnings(judged, complaints)


class VerifierPool:
    """Judges responses one by one in processes that stay, as a reward needs it. Several threads may share it."""

    def __init__(self, workers: int | None = None) -> None:
        """Start nothing yet.

        Args:
            workers: processes at most; by default one for each core.
        """
        from tasks.judging.verify_processes import WorkerPool

        self._workers = WorkerPool(workers or os.cpu_count() or 1, "tasks.judging.verify_worker")

    def verify(self, row: Row) -> dict[str, Any]:
        """Judge one row as `verify` does; one that cannot be judged is `unverified` with its reason.

        Raises:
            Refused: for a row that is no mapping.
        """
        [line] = _lines("row", [row])
        judged: dict[str, Any] = json.loads(self._workers.judge([line.encode("ascii")]).rows)
        return judged

    def close(self) -> None:
        """End the processes, which end with this one, too."""
        self._workers.kill()


def score(
    rows: Iterable[Row], student: str = "practice", template: str = "plain", max_length: int | None = None
) -> list[dict[str, Any]]:
    """Measure how much each response would teach the student, as the command `reflectory score` does.

    Args:
        rows: each with `instruction` and `response`, and if you like `id` and `input`.
        student: a folder or a Hugging Face name; `practice` is the small model that is shipped.
        template: `plain`, `chat` (the tokenizer's own) or a TOML file.
        max_length: the window in tokens; by default the model's.

    Returns:
        For each row `id`, `ifd`, `rifd`, the four perplexities, token counts, `truncated` and `reason`; a number is
        None where it does not exist, and `reason` says why.

    Raises:
        Refused: where no row can be scored, or there is no such student or template.
    """
    from flows.configure import configuration_of
    from schemas.student import StudentSettings
    from tasks.extras import check_extras
    from tasks.rows.rewriting import Complaints

    settings = configuration_of(StudentSettings, {"model": student, "template": template, "max_length": max_length})
    check_extras("score", "student")
    from tasks.scoring.score_file import score_file  # torch: seconds

    complaints = Complaints(_ROWS, "line")
    with _files(rows=rows) as (folder, [given]):
        score_file(given, folder / "out.jsonl", settings, complaints)
        scored = _read(folder / "out.jsonl")
    return _after_warnings(scored, complaints)


def decontaminate(
    rows: Iterable[Row], against: Iterable[Row], detectors: Sequence[str] = ("ngram", "embedding")
) -> list[dict[str, Any]]:
    """Find the rows that copy or rephrase items of a benchmark, as the command `reflectory decontaminate` does.

    Args:
        rows: each with `text` or `question`, or a conversation or instruction, and if you like `id`.
        against: the items of the benchmark, likewise.
        detectors: `ngram`, `embedding` or both.

    Returns:
        For each row `id`, `contaminated` (None, with a `reason`, where it is undecided), `detector`, `score`,
        `match_id` and `span`. A row that cannot be read is undecided, and a warning says what is wrong with it.

    Raises:
        Refused: where no row can be read, for an item without a text, another detector, or a model that is not
            installed.
    """
    from schemas.contamination import Detector
    from schemas.detection import Detection
    from tasks.contamination.decontaminate_file import decontaminate_file
    from tasks.contamination.detect import embeds, named_detectors
    from tasks.contamination.embedders import load_embedder, load_multilingual
    from tasks.contamination.model_folder import model_folder
    from tasks.extras import check_extras
    from tasks.rows.rewriting import Complaints

    named = named_detectors(detectors, "detectors")
    if Detector.JUDGE in named:
        raise Refused("detectors: got judge; its calls need a journal: use the command `reflectory decontaminate`")
    settings = Detection(detectors=named)
    if embeds(settings):
        check_extras("decontaminate", "decontaminate")
        model_folder(settings.model)
    complaints = Complaints(_ROWS, "line")
    with _files(rows=rows, against=against) as (folder, [given, benchmark]):
        decontaminate_file(
            given,
            [benchmark],
            folder / "out.jsonl",
            settings,
            embed=lambda texts: load_embedder(settings).embed(texts),
            embed_across=lambda texts: load_multilingual().embed(texts),
            complaints=complaints,
        )
        found = _read(folder / "out.jsonl")
    return _after_warnings(found, complaints)


def parse(text: str, finish_reason: str | None = None) -> dict[str, Any]:
    """Read the parts of one response.

    Args:
        text: the response, with or without tags.
        finish_reason: as the endpoint gave it; `length` and `content_filter` mean that it was cut off.

    Returns:
        `structure` (`ok`, or the first defect), `thinking`, `reflections` (texts), `output`, `answer` (the final answer
        as stated) and `draft_answers` (for each reflection the answer stated before it); None for what is not there.

    Raises:
        Refused: for what is no text.
    """
    from tasks.extraction.answer import find_answer
    from tasks.extraction.draft_answers import find_drafts
    from tasks.parsing.grammar import parse as parse_tags

    if not isinstance(text, str):
        raise Refused(f"parse: got a {type(text).__name__}; needs text")
    parsed = parse_tags(text, finish_reason)
    answer = find_answer(text, None, parsed)
    return {
        "structure": parsed.structure.value,
        "thinking": parsed.thinking.of(text) if parsed.thinking else None,
        "reflections": [reflection.text for reflection in parsed.reflections],
        "output": parsed.output.of(text) if parsed.output else None,
        "answer": answer.answer if answer else None,
        "draft_answers": [draft.answer if draft else None for draft in find_drafts(text, parsed)],
    }


def ifd(conditioned: Sequence[float], direct: Sequence[float], definition: str = "ppl_ratio") -> float | None:
    """Compute the instruction-following difficulty of a response from log-probabilities of its tokens.

    Args:
        conditioned: natural logarithms, each token after the instruction and the tokens before it.
        direct: of the same tokens without the instruction.
        definition: `ppl_ratio`, the ratio of the perplexities (arXiv 2402.10110), or `loss_ratio`, that of the mean
            losses (arXiv 2308.12032).

    Returns:
        The ratio; 1 where the instruction does not help. None where it does not exist: a value is not finite, the
        result too large for a float, or the response alone costs nothing. With instruction and response exchanged this
        is r-IFD.

    Raises:
        Refused: for an empty response, texts, sequences of different length, or another definition.
    """
    from schemas.score import Definition
    from tasks.scoring.ifd import contrast

    if isinstance(conditioned, str) or isinstance(direct, str):
        raise Refused("ifd: got text; needs log-probabilities of tokens; `score` takes texts")
    if definition not in list(Definition):
        raise Refused(f"ifd: got the definition {definition!r}; needs one of {', '.join(Definition)}")
    if not 0 < len(conditioned) == len(direct):
        raise Refused(
            f"ifd: got {len(conditioned)} and {len(direct)} values; needs one of each for every token, or more"
        )
    return contrast(conditioned, direct, len(direct), Definition(definition)).ratio


@contextmanager
def _files(**given: Iterable[Row]) -> Iterator[tuple[Path, list[Path]]]:
    """The rows as JSONL files in a folder that lives as long as the block: the commands read the same ones."""
    with TemporaryDirectory(prefix="reflectory-") as name:
        folder = Path(name)
        paths = [folder / f"{argument}.jsonl" for argument in given]
        for path, (argument, rows) in zip(paths, given.items(), strict=True):
            path.write_text("".join(_lines(argument, rows)), encoding="ascii")
        try:
            yield folder, paths
        except Refused as refused:
            raise Refused(str(refused).replace(f"{folder}/", "")) from None


def _lines(argument: str, rows: Iterable[Row]) -> Iterator[str]:
    from tasks.rows.jsonl import object_text

    if isinstance(rows, str | bytes | Mapping) or hasattr(rows, "columns") or not isinstance(rows, Iterable):
        frame = "; a data frame gives them by to_dict('records')" if hasattr(rows, "to_dict") else ""
        raise Refused(f"{argument}: got a {type(rows).__name__}; needs a list of mappings{frame}")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise Refused(f"{argument}, number {number}: got a {type(row).__name__}; needs a mapping")
        yield f"{object_text(row, _plain)}\n"


def _plain(value: Any) -> Any:
    """A value as JSON has it: decimals, and what numpy holds, by value; dates by ISO 8601. Raises `ValueError`."""
    from tasks.rows.jsonl import JsonNumber
    from tasks.rows.values import plain_text

    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple) or getattr(value, "ndim", False):
        return [_plain(item) for item in value]
    if (kind := getattr(getattr(value, "dtype", None), "kind", None)) in ("b", "i", "u", "f"):
        return float(str(value)) if kind == "f" else value.item()  # of a float32 its own digits, not those of a double
    if (text := plain_text(value)) is None:
        raise ValueError(value)
    return JsonNumber(text) if isinstance(value, Decimal) else text


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _after_warnings(rows: list[dict[str, Any]], complaints: "Complaints") -> list[dict[str, Any]]:
    """The rows, once what is wrong with some has been said. Raises `Refused` where none could be used."""
    if rows and complaints.n >= len(rows):
        raise Refused("\n".join(["none of the rows can be used", *complaints.lines()]))
    for complaint in complaints.lines():
        warnings.warn(complaint, stacklevel=3)
    return rows

"""One arm with one seed: the student learns its rows and answers the questions. What it comes to is a file."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from schemas.proving import Asking, Mask, Training
from schemas.student import StudentSettings
from warehouse.disk import replacing


@dataclass(frozen=True)
class Case:
    """Everything that its answers depend on; the files by their paths."""

    arm: str
    seed: int
    student: StudentSettings
    training: Training
    asking: Asking
    steps: int
    mask: Mask
    order: int
    rows: Path | None
    """Chat rows of a release; None: the student as it is."""
    questions: Path
    folder: Path
    """Where its checkpoints and its result go."""
    threads: int
    key: str
    """Over what decides its answers: a result of another key is not this one's."""
    keep: Path | None = None
    """Where the student that has learnt is saved."""
    first: tuple[Path, Mask] | None = None
    """Rows that are learnt before, and how."""

    @property
    def name(self) -> str:
        return f"{self.arm}-{self.seed}"

    @property
    def result(self) -> Path:
        return self.folder / f"{self.name}-{self.key[:12]}.json"


@dataclass(frozen=True)
class HeldOutAnswer:
    """What a student that has learnt an arm says to a held-out question."""

    item: str
    sample_index: int | None
    """None: the greedy one."""
    response: str
    n_tokens: int


@dataclass(frozen=True)
class CaseResult:
    arm: str
    seed: int
    key: str
    n_rows: int
    n_left_out: int
    """Rows of which no token is learnt, as `training.max_length` cuts them."""
    student_revision: str
    learnt: dict[str, Any] | None
    """`tasks.proving.trainer.Learnt`; None of the untrained student."""
    answer_s: float
    answers: list[HeldOutAnswer] = field(default_factory=list)


def known_result(case: Case) -> CaseResult | None:
    """Return the result of an earlier run of the same case; None, too, where its student is to be kept and is not
    there.
    """
    if case.keep and not case.keep.is_dir():
        return None
    try:
        found = json.loads(case.result.read_text("utf-8"))
    except (OSError, ValueError):  # a loss of power tears it
        return None
    if found.get("key") != case.key:
        return None
    return CaseResult(**{**found, "answers": [HeldOutAnswer(**each) for each in found["answers"]]})


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def write_lines(path: Path, rows: Sequence[Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "ascii")


def run_case(case: Case) -> CaseResult:
    """Train, ask, and write the result; one that is there already is read. Raises `Refused`."""
    if known := known_result(case):
        return known
    from tasks.proving.learner import Learner  # torch and TRL: only where something is learnt

    with _threads(case.threads):
        learner = Learner(case.student)
        learnt, n_rows, n_left_out = None, 0, 0
        if case.rows is not None:
            rows = read_lines(case.rows)
            n_rows = len(rows)
            seed = case.seed + 1000 * case.order
            if case.first:
                path, mask = case.first
                before = case.folder / f"{case.name}-first"
                learner.learn(read_lines(path), mask, case.training, case.steps, case.seed, before)
            made = learner.learn(rows, case.mask, case.training, case.steps, seed, case.folder / case.name)
            learnt, n_left_out = asdict(made.learnt), made.n_left_out
        answers, seconds = learner.answer(
            list(asked_of(case.asking, read_lines(case.questions))), case.asking, case.seed
        )
        if case.keep:
            learner.save(case.keep)
    result = CaseResult(case.arm, case.seed, case.key, n_rows, n_left_out, learner.revision, learnt, seconds, answers)
    with replacing(case.result) as draft:
        draft.write_text(json.dumps(asdict(result)), "ascii")
    return result


def asked_of(asking: Asking, questions: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield (item, conversation) of each question, after the examples if there are any."""
    before = [{"role": "system", "content": asking.system}] if asking.system else []
    for example in asking.examples:
        before += [_question(asking, example.question), {"role": "assistant", "content": example.answer}]
    for row in questions:
        yield row["id"], [*before, _question(asking, row["question"])]


def _question(asking: Asking, text: str) -> dict[str, str]:
    return {"role": "user", "content": f"{text}\n{asking.suffix}" if asking.suffix else text}


@contextmanager
def _threads(n: int) -> Iterator[None]:
    """How many add up a number decides its last bits."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


Report = Callable[[CaseResult], object]


def run_cases(cases: Sequence[Case], report: Report) -> list[CaseResult]:
    """Run cases one after the other, in this process. `report` hears of each as it is done."""
    results = []
    for case in cases:
        results.append(run_case(case))
        report(results[-1])
    return results

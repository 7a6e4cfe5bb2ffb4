"""`make real`: both lines with a real small teacher and a real small student, and what has to hold of them.

The teacher is SmolLM2-135M-Instruct behind llama.cpp's server, or behind vLLM (`make real TEACHER=vllm`); the student
the same weights, read by transformers and by vLLM. Asserted are properties, never yields: the model is a weak one.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.real import agreement
from tests.real.environments import FOLDER, ROOT, gguf, install, student
from tests.real.servers import RealServer, llama, vllm
from tests.real.terminal import Shown, on_terminal

HERE = Path(__file__).parent
MOST_APART = 1e-4
"""Of IFD and r-IFD in float32."""
LEAST_AUC = 0.9
MOST_SILENT_S = 5.0
KILLED_AFTER = 4
"""Answers that are in the journal when the server is killed."""
DOWN_S = 3.0
FEW = 5
"""Answers that state the gold in prose, of which none need be recognised: many a sentence is left `unverified`."""
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Real:
    """One pass: its folder, and a line for each property."""

    def __init__(self, console: Console, folder: Path) -> None:
        self._console, self.folder = console, folder
        self.table = Table("what", "measured", "has to be", "holds", title="make real", title_justify="left")
        self.broken: list[str] = []
        self._began = time.monotonic()

    def note(self, what: str, measured: str, needs: str = "", holds: bool = True) -> None:
        mark = "" if not needs else "yes" if holds else "NO"
        self.table.add_row(what, measured, needs, mark, style=None if holds else "bold red")
        self._console.print(f"[{time.monotonic() - self._began:5.0f} s] {what}: {measured}", markup=False)
        if not holds:
            self.broken.append(what)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.note(what, f"{time.monotonic() - began:.0f} s")

    def reflectory(self, *arguments: str) -> Shown:
        whole = (*arguments, "--warehouse", str(self.folder / "warehouse"))
        shown = on_terminal(whole, ROOT, {"PREFECT_HOME": str(self.folder / "prefect")})
        with (self.folder / "commands.log").open("a", encoding="utf-8") as log:
            log.write(f"$ reflectory {' '.join(whole)}\n{shown.text}\n")
        return shown

    def sql(self, query: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "flows", "sql", query, "--format", "json"]
        command += ["--warehouse", str(self.folder / "warehouse")]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        rows: list[dict[str, Any]] = json.loads(told.stdout)
        return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="make real", description=__doc__)
    parser.add_argument("--teacher", choices=("llama", "vllm"), default="llama")
    parser.add_argument("--questions", type=int, default=12)
    parser.add_argument("--pairs", type=int, default=16)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left behind
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    began = time.monotonic()
    folder = FOLDER / f"by_{given.teacher}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    real = Real(console, folder)
    with real.timed("both servers installed, each in an environment of its own"):
        megabytes = install()
    real.note("downloads", f"{megabytes:.0f} MB", "< 1000 MB", megabytes < 1000)
    with real.timed("the student as a folder of Hugging Face"):
        weights = student()
    given_pairs = agreement.write_pairs(folder, given.pairs)
    with ExitStack() as opened:
        forwards = opened.enter_context(agreement.by_four_forwards(_vllm_python(), weights, given_pairs))
        opened.callback(forwards.kill)
        served = opened.enter_context(vllm(weights))
        with real.timed(f"{2 * given.pairs} pairs scored by transformers, from the GGUF file"):
            scores = {"transformers": agreement.by_product(gguf().parent, given_pairs)}
        with real.timed("and by vLLM, from the folder"):
            scores["vLLM"] = agreement.by_product(weights, given_pairs, served)
        if forwards.wait():
            raise SystemExit("four_forwards.py failed")
        scores["four forward passes"] = agreement.read(given_pairs.with_suffix(".forwards"))
        _check_scores(real, scores)
        if given.teacher == "vllm":
            _lines(real, served, weights, given.questions)
    if given.teacher == "llama":
        with llama() as server:
            _lines(real, server, weights, given.questions)
    minutes = (time.monotonic() - began) / 60
    real.note("all of it", f"{minutes:.1f} minutes", "< 12 on 2 quiet cores", minutes < 12)
    console.print(real.table)
    for what in real.broken:
        console.print(f"make real: does not hold: {what}", style="bold red", markup=False)
    return bool(real.broken)


def _vllm_python() -> Path:
    return ROOT / os.environ.get("VLLM_VENV", ".venv-vllm") / "bin" / "python"


def _check_scores(real: Real, scores: dict[str, agreement.Scores]) -> None:
    for names, most in agreement.differences(scores):
        real.note(f"IFD and r-IFD by {names}", f"{most:.1e} apart", f"<= {MOST_APART:.0e}", most <= MOST_APART)
    found = agreement.auc(scores["transformers"])
    real.note("IFD tells own from other responses", f"AUC {found:.3f}", f"> {LEAST_AUC}", found > LEAST_AUC)


def _lines(real: Real, server: RealServer, weights: Path, n: int) -> None:
    """Both lines, a release and its report, with a teacher that is killed once."""
    asked = ["--set", f"teacher.base_url={server.base_url}", "--set", f"teacher.model={server.model}"]
    asked += ["--set", f"student.model={weights}"]
    prose = ("run", str(HERE / "prose.toml"), *asked, "--set", f"questions.limit={n}")
    killed = Thread(target=_kill_once, args=(server, real, 2 * n), daemon=True)
    killed.start()
    _check_line(real, "run", real.reflectory(*prose))
    killed.join()
    again = real.reflectory(*prose)
    real.note("the same command again", _books(again.text), "pending 0", "pending 0" in again.text)
    _check_rows(real, 2 * n)
    _check_prose(real)
    tags = real.reflectory("run", str(HERE / "tags.toml"), *asked)
    real.note("two turns shown before each question", _structures(real), "exit code 0", tags.code == 0)
    _check_line(real, "recycle", real.reflectory("recycle", str(HERE / "recycle.toml"), *asked))
    released = real.reflectory("release", "real", "--policy", str(HERE / "policy.toml"))
    page = real.folder / "releases" / "real" / "report.html"
    size = page.stat().st_size if page.exists() else 0
    rows = real.sql("select kept from curations order by landed_at desc limit 1")
    kept = f"{rows[0]['kept']} rows, a report of {size / 1000:.0f} kB" if rows else released.text[-200:]
    real.note("a release", kept, "exit code 0, a report", released.code == 0 and size > 0)


def _kill_once(server: RealServer, real: Real, planned: int) -> None:
    """Once some answers are in the journal; and start it again."""
    journal = real.folder / "warehouse" / "journal" / "calls.sqlite"
    _until(lambda: _answers(journal) >= KILLED_AFTER, 240)
    server.kill()
    before = _answers(journal)
    time.sleep(DOWN_S)
    server.start()
    seconds = server.wait()
    told = f"after {before} of {planned} answers; back in {seconds:.0f} s"
    real.note(f"{server.name} killed and started again", told, "in mid-run", 0 < before < planned)


def _answers(journal: Path) -> int:
    if not journal.exists():
        return 0
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=5) as opened:
        try:
            return int(opened.execute("SELECT count(*) FROM sends WHERE outcome = 'answered'").fetchone()[0])
        except sqlite3.OperationalError:  # the table is not made yet
            return 0


def _until(holds: Callable[[], bool], most_s: float) -> None:
    began = time.monotonic()
    while not holds() and time.monotonic() - began < most_s:
        time.sleep(0.1)


def _check_line(real: Real, line: str, shown: Shown) -> None:
    told = f"exit code {shown.code}; {_books(shown.text)}; {shown.seconds:.0f} s"
    real.note(f"reflectory {line}", told, "exit code 0, books exact", shown.code == 0 and _balance(shown.text))
    silence = shown.longest_silence_s
    what = f"longest silence of {line} on a terminal"
    told = f"{silence:.1f} s" + (f", after {shown.silent_after!r}" if silence > MOST_SILENT_S else "")
    real.note(what, told, f"<= {MOST_SILENT_S:.0f} s", silence <= MOST_SILENT_S)


def _books(text: str) -> str:
    found = re.findall(r"^\s*(?:books|calls): (.* = [^;\n]*)", text, re.MULTILINE)
    return "; ".join(map(str.strip, found[-2:])) or f"no books: {text[-200:]}"


def _balance(text: str) -> bool:
    """Whether both sums are there, of something, and each is what it is the sum of."""
    sums = [side.split("=") for side in _books(text).split("; ")]
    totals = [[sum(map(int, re.findall(r"\d+", side))) for side in sides] for sides in sums]
    return len(totals) == 2 and all(len(set(each)) == 1 and each[0] > 0 for each in totals)


def _check_rows(real: Real, planned: int) -> None:
    (row,) = real.sql(
        "select count(distinct attempt_id) as attempts, (select count(*) from traces) as traces,"
        " (select count(*) from doubled_keys) as doubled from attempts"
    )
    told = ", ".join(f"{n} {name}" for name, n in row.items())
    holds = (row["attempts"], row["traces"], row["doubled"]) == (planned, planned, 0)
    real.note("rows after it", told, f"{planned}, {planned}, 0", holds)


def _check_prose(real: Real) -> None:
    """Where one number stands in a prose answer beside those of the question, that is what it says."""
    right, wrong = Counter[str](), Counter[str]()
    for row in real.sql("select question, gold, text, verdict from traces_full"):
        asked = _numbers(row["question"])
        said = _numbers(row["text"]) - asked
        if said == {row["gold"]}:
            right[row["verdict"]] += 1
        elif said and row["gold"] not in said | asked:
            wrong[row["verdict"]] += 1
    told = f"of {right.total()} that say the gold {right['correct']} correct, {right['incorrect']} incorrect"
    told += f"; of {wrong.total()} that do not {wrong['correct']} correct"
    recognised = right["correct"] > 0 or right.total() < FEW
    holds = not right["incorrect"] and not wrong["correct"] and recognised
    real.note("prose that states one number", told, "some, 0; 0", holds)


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def _structures(real: Real) -> str:
    rows = real.sql("select structure, count(*) as n from traces group by all order by n desc")
    return ", ".join(f"{row['n']} {row['structure']}" for row in rows)


if __name__ == "__main__":
    sys.exit(main())

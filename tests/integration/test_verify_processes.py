"""`reflectory verify` in several processes: the same rows in the same order, whatever happens to one of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from flows.cli.verify import verify_and_show
from schemas.errors import Refused
from schemas.verdict import Ruling
from tasks.judging.verify import Verifier
from tasks.judging.verify_processes import chunks, verify_in_processes
from tasks.rows.rewriting import Complaints
from tests.conftest import ROOT
from tests.verified_file import verify_file

STAND_IN = "tests.stand_in_worker"


def row(n: int, response: str = "The answer is 18.") -> dict[str, Any]:
    return {"id": n, "gold": 18 if n % 3 else 17, "response": response}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


def judged(folder: Path, rows: list[dict[str, Any]], n: int = 2, module: str = STAND_IN) -> list[dict[str, Any]]:
    source = write(folder / "in.jsonl", rows)
    counts = verify_in_processes(source, folder / "out.jsonl", Complaints(source), n, module=module)
    told = [json.loads(line) for line in (folder / "out.jsonl").read_text("ascii").splitlines()]
    assert counts == {ruling: sum(each["verdict"] == ruling for each in told) for ruling in Ruling}
    assert [each["id"] for each in told] == [each["id"] for each in rows]
    return told


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`reflectory verify in.jsonl --out out.jsonl ARGUMENTS`, started."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows", "verify", "in.jsonl", "--out", "out.jsonl", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test in the background has it ignored
    )


def test_they_say_what_one_process_says_of_real_answers(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "verdict_cases.jsonl").read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["kind"] in ("number", "choice", "exact")]
    given = [{name: case[name] for name in ("id", "kind", "gold", "response", "spec")} for case in cases]
    several = judged(tmp_path, given, 3, "tasks.judging.verify_worker")
    with closing(Verifier()) as verifier:
        verify_file(tmp_path / "in.jsonl", tmp_path / "one.jsonl", verifier)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()
    assert len({each["verdict"] for each in several}) == 3


@pytest.mark.parametrize(
    ("response", "reason"),
    [("END", "verifier_crashed"), ("RAISE", "verifier_crashed"), ("SPIN", "verifier_timeout")],
)
def test_a_row_that_ends_its_process_costs_no_other(tmp_path: Path, response: str, reason: str) -> None:
    bad = {5, 30, 31, 99}
    rows = [row(n, response if n in bad else "The answer is 18.") for n in range(100)]
    told = judged(tmp_path, rows)
    assert {each["id"] for each in told if each["reason"] == reason} == bad
    assert {each["verdict"] for each in told if each["id"] in bad} == {"unverified"}
    assert {each["verdict"] for each in told if each["id"] not in bad} == {"correct", "incorrect"}


def test_the_last_row_may_be_without_a_line_end_and_a_library_may_print(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"\n \r\n" + json.dumps(row(1, "18")).encode() + b"\r\n" + json.dumps(row(2, "PRINT")).encode())
    verify_in_processes(source, tmp_path / "out.jsonl", Complaints(source), 1, module=STAND_IN)
    told = [json.loads(line)["verdict"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert told[0] == "correct"
    assert len(told) == 2


def test_processes_that_do_not_start_are_no_verdict(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [row(n) for n in range(100)])
    with pytest.raises(RuntimeError, match="did not start"):
        verify_in_processes(source, tmp_path / "out.jsonl", Complaints(source), 2, module="tests.no_such_module")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_chunks_grow_and_hold_every_line_once(tmp_path: Path) -> None:
    given = [b"%d\n" % n for n in range(100_000)] + [b"\n", b"x" * 600_000 + b"\n", b"last"]
    with (tmp_path / "lines").open("w+b") as file:
        file.writelines(given)
        file.seek(0)
        made = list(chunks(file))
    assert [line for chunk in made for line in chunk.lines] == given
    assert all(given[chunk.number - 1] == chunk.lines[0] for chunk in made)
    sizes = [sum(map(len, chunk.lines)) for chunk in made]
    assert sizes[0] < sizes[1] < sizes[10] < 70_000
    assert made[-1].n_bytes == sum(sizes) == (tmp_path / "lines").stat().st_size


def test_ctrl_c_ends_all_and_leaves_the_old_output(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("old")
    write(tmp_path / "in.jsonl", [row(n, f"{n} " * 400) for n in range(100_000)])
    process = command(tmp_path, "--workers", "2")
    deadline = time.monotonic() + 60
    while not (drafts := list(tmp_path.glob(".out*"))) or not drafts[0].stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = list(children(process.pid))
    assert len(workers) == 2
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (5, False)
    assert not [pid for pid in workers if alive(pid)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
    assert (tmp_path / "out.jsonl").read_text() == "old"


def children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def show(folder: Path, *lines: str, terminal: bool = False) -> str:
    (folder / "in.jsonl").write_text("".join(line + "\n" for line in lines))
    shown = StringIO()
    console = Console(file=shown, force_terminal=terminal, width=200, highlight=False, soft_wrap=True)
    try:
        verify_and_show(console, folder / "in.jsonl", folder / "out.jsonl", 1)
    except Refused as refused:
        return f"{shown.getvalue()}{refused}"
    return shown.getvalue()


GOOD = json.dumps(row(1))


def test_what_is_wrong_with_a_row_is_said_by_line_and_field(tmp_path: Path) -> None:
    bad = ["", "no JSON", "[1]", '{"id": 1}', '{"gold": [1, 2], "response": "18"}']
    bad.append('{"kind": "nubmer", "response": "18"}')
    more = ['{"response": "18", "spec": 3}', '{"kind": 3, "response": "18"}'] * 4
    told = show(tmp_path, GOOD, *bad, *more).replace(str(tmp_path), "…").splitlines()
    assert told[:3] == [
        "reflectory: …/in.jsonl, line 3, the row: got no JSON (Expecting value at character 1); needs a JSON object",
        "reflectory: …/in.jsonl, line 4, the row: got no JSON object; needs a JSON object",
        "reflectory: …/in.jsonl, line 5, response: got null; needs text; this row has 'id'",
    ]
    needs = 'text, a number or null; a list of texts of which each is right by itself beside "several_golds": "any"'
    assert told[3] == f"reflectory: …/in.jsonl, line 6, gold: got [1, 2]; needs {needs}"
    assert told[4].startswith('reflectory: …/in.jsonl, line 7, kind: got "nubmer"; needs one of exact, number')
    assert told[4].endswith("; did you mean number?")
    assert told[5:] == ["reflectory: …/in.jsonl: 8 more such rows", "correct 1 incorrect 0 unverified 13"]
    reasons = [json.loads(line)["reason"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert reasons == ["equal", *["bad_row"] * 4, "unknown_kind", *["bad_spec", "bad_row"] * 4]


@pytest.mark.parametrize(
    ("lines", "count"), [((), "no rows"), (("", " "), "no rows"), (("x", "{}"), "none of its 2 rows")]
)
def test_a_file_without_a_row_to_judge_is_refused(tmp_path: Path, lines: tuple[str, ...], count: str) -> None:
    assert count in show(tmp_path, *lines).splitlines()[-1]
    assert (tmp_path / "out.jsonl").exists(), "with the reason of each row"


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    assert "1 rows" in show(tmp_path, GOOD, terminal=True)
    assert show(tmp_path, GOOD) == "correct 1 incorrect 0 unverified 0\n"


def test_the_command_exits_with_2_where_every_row_is_bad(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": 1, "gold": "18"}\n')
    process = command(tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "in.jsonl, line 1, response: got null; needs text; this row has 'id', 'gold'" in err
    assert json.loads((tmp_path / "out.jsonl").read_text())["reason"] == "bad_row"

"""The disk fills up while a run goes: one sentence and exit code 1; with room again, the same command continues."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.practice.process import PracticeTeacher
from tests.sums import write_sums

pytestmark = pytest.mark.slow

QUESTIONS = 60
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[run]
shard_size = 5
"""
SCRIPT = """
mount -t tmpfs -o size=48m none disk
run() { "$@"; echo "exit code $?"; }
if [ "$FILL" ]; then
    (until [ "$(ls disk/w/traces/_delta_log/*.json 2>/dev/null | wc -l)" -ge 3 ]; do sleep 0.1; done
     cat /dev/zero > disk/fill) 2>/dev/null &
fi
run "$@" 2>&1
rm -f disk/fill
[ "$FILL" ] && run "$@" 2>&1
cp disk/w/journal/calls.sqlite* .
"""


def run(folder: Path, services: dict[str, str], teacher: PracticeTeacher, fill: str) -> str:
    """What a run, and where the disk was filled a second one, said, on a file system of 48 MB of their own."""
    (folder / "disk").mkdir(parents=True)
    write_sums(folder / "questions.jsonl", QUESTIONS)
    (folder / "run.toml").write_text(CONFIGURATION)
    command = [sys.executable, "-m", "flows", "run", "run.toml", "--warehouse", "disk/w", "--until", "generate"]
    command += ["--set", f"teacher.base_url={teacher.base_url}", "--set", "teacher.max_in_flight=4"]
    mine = services | {"RAY_ADDRESS": "", "FILL": fill, "RUST_BACKTRACE": "0"}  # its actors have to see the disk
    whole = ["unshare", "-Urm", "bash", "-c", SCRIPT, "bash", *command]
    done = subprocess.run(whole, cwd=folder, env=mine, capture_output=True, text=True, timeout=400)
    return done.stdout


@pytest.mark.timeout(600)
def test_a_disk_that_fills_up_is_one_sentence_and_loses_nothing(tmp_path: Path, services: dict[str, str]) -> None:
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here")
    with PracticeTeacher(latency_s=0.5) as teacher:
        said = run(tmp_path / "full", services, teacher, "yes")
    first, _, second = said.partition("exit code 1\n")
    assert second, said
    assert "Traceback" not in said
    [told] = [line for line in first.splitlines() if re.match("reflectory: (?!warning)", line)]
    assert "the disk is full; make room" in told
    assert "the same command continues" in told
    assert second.endswith("exit code 0\n"), second
    assert f"books: planned {QUESTIONS} =" in second
    assert f"│ questions │     {QUESTIONS} │" in second, "all have a trace"
    with sqlite3.connect(tmp_path / "full" / "calls.sqlite") as journal:
        twice = "SELECT call_id FROM sends WHERE outcome = 'answered' GROUP BY call_id HAVING count(*) > 1"
        assert journal.execute(twice).fetchall() == []
        answered = "SELECT count(DISTINCT call_id) FROM sends WHERE outcome = 'answered'"
        assert journal.execute(answered).fetchone() == (QUESTIONS,)

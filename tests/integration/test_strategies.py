"""`reflectory run` with draft_reflect_revise, killed between the calls of its attempts and taken up again."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Reflectory = Callable[..., subprocess.Popen[str]]
CONFIGURATION = """
[questions]
source = "reasoning_gym"
families = ["chain_sum", "letter_counting"]
limit = 60

[teacher]
preset = "sloppy"
strategy = "draft_reflect_revise"
on_truncation = "extend"

[run]
shard_size = 15
shards_in_flight = 2
"""
DEADLINE_S = 120


def answered(folder: Path) -> int:
    path = folder / "data/warehouse/journal/calls.sqlite"
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as journal:
            return int(journal.execute("SELECT count(*) FROM sends WHERE outcome = 'answered'").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # it is being made at this moment


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, f"{out}\n{err}"
    return out


def test_killed_and_taken_up_again_it_earns_every_effect_and_pays_for_no_answer_twice(
    tmp_path: Path, reflectory: Reflectory
) -> None:
    command = ("run", "run.toml", "--until", "verify")
    (tmp_path / "run.toml").write_text(CONFIGURATION)
    process = reflectory(*command, cwd=tmp_path)
    deadline = time.monotonic() + DEADLINE_S
    while process.poll() is None and time.monotonic() < deadline and answered(tmp_path) < 40:
        time.sleep(0.005)
    assert process.poll() is None, "it was over before it could be killed"
    process.kill()
    process.wait()
    at_the_kill = answered(tmp_path)
    printed = finished(reflectory(*command, cwd=tmp_path))

    with sqlite3.connect(tmp_path / "data/warehouse/journal/calls.sqlite") as journal:
        [(calls, sends)] = journal.execute("SELECT count(DISTINCT call_id), sum(outcome = 'answered') FROM sends")
        [(unknown,)] = journal.execute("SELECT count(*) FROM sends WHERE outcome = 'unknown'")
    assert calls == sends > at_the_kill
    assert f"calls: sent {sends + unknown} = answered {sends} + failed 0 + unknown {unknown}" in printed
    assert "books: planned 60 = verified" in printed
    assert "nothing is left to do" in finished(reflectory(*command, cwd=tmp_path))

    def ask(query: str) -> list[dict[str, Any]]:
        return list(json.loads(finished(reflectory("sql", query, "--format", "json", cwd=tmp_path))))

    [found] = ask(
        "select list(distinct effect order by effect) as effects, list(distinct n_calls order by n_calls) as calls,"
        " bool_and(reflection_effects[1] = effect) as alone, (select count(*) from calls) as landed,"
        " (select bool_and(balanced) from books) as balanced"
        " from traces_full where structure = 'ok'"
    )
    assert found["effects"] == ["confirmed", "corrected", "harmed", "missed"]
    assert (found["calls"], found["alone"]) == ([2, 3], True)
    assert (found["landed"], found["balanced"]) == (sends, True)

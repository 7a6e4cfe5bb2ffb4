"""kill -9 of a run over recorded answers, whose shards go through the stages together: an undisturbed run's rows."""

import json
import time
from pathlib import Path

import pytest

from tests.chaos.test_run_killed import DEADLINE_S, commits, hashes
from tests.conftest import Reflectory, asked

N = 250
CONFIGURATION = """
[questions]
source = "recorded"
path = "recorded.jsonl"
kind = "number"

[run]
shard_size = 10
shards_in_flight = 2
"""
TABLES = ("questions", "attempts", "calls", "traces", "verdicts")
MORE = "and once more. " * 2000
"""30 kB in each answer: what goes together is 2 MiB."""


@pytest.mark.timeout(600)
def test_killed_between_two_commits_it_ends_as_an_undisturbed_run(tmp_path: Path, reflectory: Reflectory) -> None:
    found = {}
    for name in ("calm", "killed"):
        folder = tmp_path / name
        folder.mkdir()
        rows = ({"question": f"{n} + 1?", "gold": str(n + 1), "response": f"{MORE}\nAnswer: {n + 1}"} for n in range(N))
        (folder / "recorded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (folder / "run.toml").write_text(CONFIGURATION)
        run = reflectory("run", "run.toml", "--until", "verify", cwd=folder)
        if name == "killed":
            deadline = time.monotonic() + DEADLINE_S
            while not commits(folder, "traces") and run.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            assert commits(folder, "traces"), "the moment has not come"
            run.kill()
            run.wait()
            [counted] = asked(folder / "data/warehouse", "SELECT (SELECT count(*) FROM verdicts) AS n")
            assert counted["n"] < N, "it was done before it was killed"
            run = reflectory("run", "run.toml", "--until", "verify", cwd=folder)
        out, err = run.communicate(timeout=240)
        assert run.returncode == 0, f"{out}\n{err}"
        assert f"books: planned {N} = verified {N}" in out
        assert 1 < commits(folder, "verdicts") < N / 10, "shards went together"
        assert asked(folder / "data/warehouse", "FROM doubled_keys") == []
        found[name] = hashes(reflectory, folder)
    assert {table: found["killed"][table] for table in TABLES} == {table: found["calm"][table] for table in TABLES}

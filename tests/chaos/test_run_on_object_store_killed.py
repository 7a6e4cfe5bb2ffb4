"""kill -9 of a run whose warehouse is on an object store, and its disk is lost: the same command on another driver ends
as an undisturbed run, with no row doubled.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import psutil
import pytest

from tests.object_store import BUCKET, ObjectServer, object_server
from tests.sums import write_sums

pytest.importorskip("moto", reason="needs moto[server]==5.2.5")
pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = pytest.mark.slow

QUESTIONS = 12
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[run]
shard_size = 2
shards_in_flight = 1
"""
Reflectory = Callable[..., Popen[str]]


@pytest.fixture
def server() -> Iterator[ObjectServer]:
    with object_server() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_sums(tmp_path / "questions.jsonl", QUESTIONS)
    (tmp_path / "run.toml").write_text(CONFIGURATION)
    return tmp_path


@pytest.mark.timeout(900)
def test_another_driver_ends_what_a_lost_one_began(reflectory: Reflectory, server: ObjectServer, folder: Path) -> None:
    def begin(name: str, disk: str, *command: str) -> Popen[str]:
        mine = server.environment | {"XDG_STATE_HOME": str(folder / disk)}
        return reflectory(*command, "--warehouse", f"s3://{BUCKET}/{name}", cwd=folder, **mine)

    def finish(name: str, disk: str) -> str:
        process = begin(name, disk, "run", "run.toml", "--until", "verify")
        out, err = process.communicate(timeout=400)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    def ask(name: str, query: str) -> list[dict[str, object]]:
        out, _ = begin(name, "reader", "sql", query, "--format", "json").communicate(timeout=100)
        return list(json.loads(out))

    process = begin("killed", "lost", "run", "run.toml", "--until", "verify")
    while not [seen for seen in server.seen if seen.method == "PUT" and "traces/_delta_log/" in seen.path][2:]:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(children, timeout=20)
    time.sleep(31)  # its lease runs out
    assert "+ pending 0" in finish("killed", "fresh")
    finish("calm", "calm")
    rows = "SELECT trace_id, output, verdict FROM traces_full ORDER BY ALL"
    assert ask("killed", rows) == ask("calm", rows)
    assert ask("killed", "SELECT * FROM doubled_keys") == []
    assert len(ask("killed", rows)) == QUESTIONS

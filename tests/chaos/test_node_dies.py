"""A cluster of two nodes, of which one has none of our code and is killed in the middle of a run."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tasks.installed_code import package_folders
from tasks.practice.process import PracticeTeacher
from tests.chaos.test_bad_day import counters
from tests.conftest import Reflectory
from tests.integration.test_run import World
from tests.processes import command

pytestmark = pytest.mark.slow
LEFT = ("--set", "verifier.actors=2", "--set", "student.actors=2", "--set", "run.shard_size=4")
"""As many actors as the two nodes have CPUs: twice what is left when one is gone."""


class Cluster:
    """A head with two CPUs, and nodes of two more, each a `ray start` of its own on loopback."""

    def __init__(self, folder: Path, environment: dict[str, str], stack: ExitStack) -> None:
        self._folder, self._environment, self._stack = folder, environment, stack
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self._head = self._start("head", {}, "--head", f"--port={port}", "--include-dashboard=false")

    def kill(self) -> None:
        """SIGKILL to the head and to all that it has started."""
        head = psutil.Process(self._head.pid)
        for each in [head, *head.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()

    def node(self, **environment: str) -> psutil.Process:
        """Start one more, and return the process of its raylet."""
        started = psutil.Process(self._start("node", environment, f"--address={self.address}").pid)
        return next(each for each in started.children(recursive=True) if each.name() == "raylet")

    def _start(self, name: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
        options = ["--node-ip-address=127.0.0.1", "--num-cpus=2", "--block", f"--temp-dir={self._folder}"]
        code = "import sys; from ray.scripts.scripts import main; sys.exit(main())"
        log = self._folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", code, "start", *arguments, *options],
                env=self._environment | environment,
                cwd=self._folder,
                stdout=out,
                stderr=out,
            )
        self._stack.callback(process.wait, 60)
        self._stack.callback(process.terminate)
        deadline = time.monotonic() + 90
        while "block forever" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        return process


@contextmanager
def two_nodes(folder: Path, environment: dict[str, str], **node: str) -> Iterator[tuple[str, psutil.Process]]:
    with ExitStack() as stack:
        cluster = Cluster(folder, environment, stack)
        yield cluster.address, cluster.node(**node)


@pytest.fixture(scope="module")
def no_code(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder in front of ours on the path, as on a node where nobody installed us."""
    folder = tmp_path_factory.mktemp("bare")
    for name in ("tasks", "schemas", "warehouse"):
        (folder / f"{name}.py").write_text(f'raise ModuleNotFoundError("No module named {name}")\n')
    return str(folder)


@pytest.fixture
def ray_folder() -> Iterator[Path]:
    """A short one: the path of a socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="ray") as name:
        yield Path(name)


def sums(made: World, teacher: PracticeTeacher) -> list[str]:
    return [
        *("--set", "questions.source=jsonl", "--set", "questions.path=questions.jsonl"),
        *("--set", f"teacher.base_url={teacher.base_url}", *LEFT),
    ]


def test_a_node_without_the_code_costs_no_call_and_gets_it_when_asked_and_its_death_loses_nothing(
    tmp_path: Path, ray_folder: Path, reflectory: Reflectory, environment: dict[str, str], no_code: str
) -> None:
    made = World(tmp_path, reflectory)
    with (
        PracticeTeacher() as teacher,
        two_nodes(ray_folder, environment, PYTHONPATH=no_code) as (address, raylet),
    ):
        asked = sums(made, teacher)
        refused = made.run(*asked, code=2, RAY_ADDRESS=address)
        assert "No module named" in refused
        assert "run.ship_code" in refused

        process = reflectory(
            "run", "run.toml", *asked, "--set", "run.ship_code=true", cwd=tmp_path, RAY_ADDRESS=address
        )
        landed = tmp_path / "data" / "warehouse" / "verdicts"
        deadline = time.monotonic() + 120
        while not list(landed.glob("*.parquet")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        at_work = ["".join(command(each)[:1]) for each in raylet.children()]
        assert any("Student" in name or "Verifier" in name for name in at_work), at_work
        raylet.send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=180)
    assert process.returncode == 0, out + err
    assert "books: planned 24 = verified" in out
    assert "failed 0 + pending 0" in out
    assert "calls: sent 24 = answered 24 + failed 0 + unknown 0" in out, "none before, and none twice"
    assert "state-dump" not in err
    assert made.ask("select count(*) as n, count(distinct subject_id) as d from scores") == [{"n": 24, "d": 24}]


def test_other_code_on_a_node_is_refused(
    tmp_path: Path, ray_folder: Path, reflectory: Reflectory, environment: dict[str, str]
) -> None:
    """What an older verifier says must not land as what this one says."""
    other = tmp_path / "other"
    for folder in package_folders():
        shutil.copytree(folder, other / Path(folder).name)
    with (other / "tasks" / "judging" / "verify.py").open("a") as file:
        file.write("# of an older release\n")
    made = World(tmp_path, reflectory)
    with PracticeTeacher() as teacher, two_nodes(ray_folder, environment, PYTHONPATH=str(other)) as (address, _):
        assert "a worker has other code" in made.run(*sums(made, teacher), code=2, RAY_ADDRESS=address)
        made.run(*sums(made, teacher), "--set", "run.ship_code=true", RAY_ADDRESS=address)


@pytest.mark.timeout(900)
def test_the_head_dies_before_the_first_answer_and_the_same_command_continues_on_another(
    tmp_path: Path, reflectory: Reflectory, environment: dict[str, str]
) -> None:
    made = World(tmp_path, reflectory)
    with PracticeTeacher(latency_s=5.0) as teacher, ExitStack() as stack:
        asked = [*sums(made, teacher), "--set", "verifier.actors=1", "--set", "student.actors=1"]
        head = Cluster(new_folder(stack), environment, stack)
        process = reflectory("run", "run.toml", *asked, cwd=tmp_path, RAY_ADDRESS=head.address)
        deadline = time.monotonic() + 120
        while not counters(teacher)["in_flight"]:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        head.kill()
        out, err = process.communicate(timeout=180)
        another = Cluster(new_folder(stack), environment, stack)
        said = made.run(*asked, RAY_ADDRESS=another.address)
    assert process.returncode == 1, out + err
    [told] = [line for line in err.splitlines() if line.startswith("reflectory:")]
    assert "the same command continues" in told
    assert "Traceback" not in err
    assert "books: planned 24 = verified" in said
    assert "failed 0 + pending 0" in said
    assert [row["ended"] for row in made.ask("select ended from runs order by ended_at")] == ["failed", "done"]
    [calls] = made.ask("select count(*) as n, count(distinct call_id) as d from calls")
    assert calls == {"n": 24, "d": 24}


def new_folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ray")))

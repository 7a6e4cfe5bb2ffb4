"""kill -9 of a run whose warehouse is on an object store, and the machine is lost with its disk: the same command on
another machine ends as an undisturbed run on a disk, and buys again at most what no segment had yet.
"""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tasks.practice.process import PracticeTeacher
from tests.chaos.test_bad_day import counters
from tests.chaos.test_run_killed import TABLES
from tests.conftest import ROOT
from tests.forked import Forked
from tests.object_store import BUCKET, LACKS, ObjectServer, Seen, object_server
from warehouse import object_store
from warehouse.journal_segments import EVERY_S
from warehouse.landing import Warehouse
from warehouse.lease import PERIOD_S
from warehouse.reading import Snapshot

pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = pytest.mark.slow

QUESTIONS, ATTEMPTS = 17, 34
LATENCY_S = 1.0
IN_FLIGHT = 2
PATIENCE_S = 400.0
KEYS = {"attempts": "attempt_id", "calls": "call_id", "traces": "trace_id", "verdicts": "verdict_id"}


class Machine:
    """A driver with a disk of its own, which knows the store by its environment."""

    def __init__(
        self, fork_server: Path, server: ObjectServer, teacher: PracticeTeacher, disk: Path, shard_size: int = 8
    ) -> None:
        self._fork_server, self.disk = fork_server, disk
        self._environment = server.environment | {"XDG_STATE_HOME": str(disk / "state")}
        disk.mkdir()
        self._command = ["run", str(ROOT / "deploy/demo.toml")]
        told = [f"teacher.base_url={teacher.base_url}", f"teacher.max_in_flight={IN_FLIGHT}"]
        for setting in (*told, f"run.shard_size={shard_size}", f"questions.limit={QUESTIONS}", "student.actors=1"):
            self._command += ["--set", setting]

    def begin(self, *command: str) -> Forked:
        return Forked(self._fork_server, command, self.disk, self._environment)

    def run(self, warehouse: str, until: str) -> Forked:
        return self.begin(*self._command, "--warehouse", warehouse, "--until", until)

    def finish(self, warehouse: str, until: str = "score") -> str:
        out, err = (process := self.run(warehouse, until)).communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, out + err
        return out

    def hashes(self, warehouse: str) -> dict[str, str]:
        said, _ = self.begin("hashes", "--warehouse", warehouse).communicate(timeout=PATIENCE_S)
        lines = [line.split() for line in said.splitlines()]
        return {table: digest for digest, table in lines if table in TABLES}

    def lose(self) -> None:
        rmtree(self.disk)


class Watched:
    """What the teacher had made at each moment, and the segments that came."""

    def __init__(self, teacher: PracticeTeacher) -> None:
        self._teacher, self._before = teacher, {key: made for key, (_, made) in counters(teacher, "/keys").items()}
        self._made: list[tuple[float, int]] = []
        self.segments: list[float] = []

    def see(self, seen: Seen) -> None:
        if seen.method == "PUT" and "/journal/" in seen.path:
            self.segments.append(time.monotonic())

    def bought(self) -> list[int]:
        """How often each answer was made."""
        made = {key: made - self._before.get(key, 0) for key, (_, made) in counters(self._teacher, "/keys").items()}
        return [n for n in made.values() if n]

    def look(self) -> None:
        self._made.append((time.monotonic(), sum(self.bought())))

    def wait_until_nothing_is_bought(self, seconds: float = 5.0) -> None:
        before = -1
        while before != (before := sum(self.bought())):
            time.sleep(seconds)

    def since_the_last_segment(self) -> int:
        """Answers made since then, or in the second before, which it may have had no time for."""
        self.look()
        return self._made[-1][1] - max(n for at, n in self._made if at <= self.segments[-1] - 1)


def commits(server: ObjectServer, table: str) -> int:
    """That landed rows; the first one made the table."""
    return sum(seen.method == "PUT" and f"/{table}/_delta_log/0" in seen.path for seen in server.seen) - 1


ANSWERS = "while answers come in"
MOMENTS: dict[str, Callable[[ObjectServer, Watched], bool]] = {
    ANSWERS: lambda server, watched: len(watched.bought()) > 10 and len(watched.segments) > 2,
    "once traces have landed": lambda server, watched: commits(server, "traces") >= 2,
    "once scores have landed": lambda server, watched: commits(server, "scores") >= 1,
}


@pytest.fixture(scope="module", params=sorted(LACKS))
def server(request: pytest.FixtureRequest) -> Iterator[ObjectServer]:
    with object_server(request.param) as server:
        yield server


@pytest.fixture(scope="module")
def teacher() -> Iterator[PracticeTeacher]:
    with PracticeTeacher(latency_s=LATENCY_S) as teacher:
        yield teacher


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, fork_server: Path, server: ObjectServer, teacher: PracticeTeacher
) -> dict[str, str]:
    """The hashes of a run on a disk that nobody disturbs."""
    calm = Machine(fork_server, server, teacher, tmp_path_factory.mktemp("calm") / "disk")
    calm.finish("warehouse")
    return calm.hashes("warehouse")


@pytest.fixture
def watched(server: ObjectServer, teacher: PracticeTeacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Of the store, which this process reads, too."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "reader"))
    object_store.bucket.cache_clear()
    watched = Watched(teacher)
    server.begin_again(watched.see)
    return watched


def lost_when(machine: Machine, url: str, moment: Callable[[], bool], watched: Watched, until: str = "score") -> int:
    """Start a run, kill it and all that it started at the moment, lose its disk; how many answers no segment had."""
    process = machine.run(url, until)
    deadline = time.monotonic() + PATIENCE_S
    while not moment():
        watched.look()
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.kill()
    assert time.monotonic() - watched.segments[-1] < 2 * EVERY_S
    process.communicate()
    watched.wait_until_nothing_is_bought()  # by actors that have not heard of it
    at_risk = watched.since_the_last_segment()
    machine.lose()
    return at_risk


def landed(url: str) -> dict[str, set[str]]:
    """The keys of the rows of each table."""
    with Snapshot(Warehouse(url)) as now:
        return {
            table: {key for (key,) in now.ask(f"SELECT {column} FROM {table}")[1]} for table, column in KEYS.items()
        }


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("moment", MOMENTS)
def test_another_machine_ends_what_a_lost_one_began(
    moment: str,
    undisturbed: dict[str, str],
    fork_server: Path,
    server: ObjectServer,
    teacher: PracticeTeacher,
    watched: Watched,
    tmp_path: Path,
) -> None:
    url = f"{server.scheme}://{BUCKET}/{tmp_path.name}/w"
    lost = Machine(fork_server, server, teacher, tmp_path / "lost")
    at_risk = lost_when(lost, url, lambda: MOMENTS[moment](server, watched), watched)
    before = landed(url)
    time.sleep(2 * PERIOD_S)  # its lease runs out
    fresh = Machine(fork_server, server, teacher, tmp_path / "fresh")
    said = fresh.finish(url)

    after, bought = landed(url), watched.bought()
    assert {table: keys - after[table] for table, keys in before.items()} == {table: set() for table in KEYS}
    assert fresh.hashes(url) == undisturbed
    with Snapshot(Warehouse(url)) as now:
        books = now.ask("SELECT planned, pending, balanced, doubled FROM books")[1]
    assert books == [(ATTEMPTS, 0, True, 0)]
    told = re.search(r"calls: sent (\d+) = answered (\d+) \+ failed 0 \+ unknown (\d+)", said)
    assert told, said
    sent, answered, unknown = map(int, told.groups())
    print(f"{moment}: {len(before['traces'])} traces had landed; {at_risk} answers were in no segment,", end=" ")
    print(f"{sum(bought) - len(bought)} were bought twice; {told[0]}")
    assert answered == ATTEMPTS == len(bought)
    assert sent == answered + unknown
    assert sum(bought) - len(bought) <= at_risk + unknown


@pytest.mark.timeout(900)
def test_a_run_whose_credential_ends_stops_and_continues(
    undisturbed: dict[str, str],
    fork_server: Path,
    server: ObjectServer,
    teacher: PracticeTeacher,
    watched: Watched,
    tmp_path: Path,
) -> None:
    url = f"{server.scheme}://{BUCKET}/{tmp_path.name}/w"
    machine = Machine(fork_server, server, teacher, tmp_path / "disk")
    process = machine.run(url, "score")
    deadline = time.monotonic() + PATIENCE_S
    while not MOMENTS[ANSWERS](server, watched):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    before, refused = sum(watched.bought()), time.monotonic()
    server.begin_again(lambda seen: "403")
    out, err = process.communicate(timeout=PATIENCE_S)
    at_end = watched.bought()
    print(f"{sum(at_end) - before} answers were bought in the {time.monotonic() - refused:.0f} s until its end")
    assert process.returncode == 1, out + err
    assert f"{url}: the store refuses access; look at" in err
    assert "the same command continues" in err
    watched.wait_until_nothing_is_bought()
    assert watched.bought() == at_end, "it goes on buying"
    server.begin_again(watched.see)
    machine.finish(url)
    assert machine.hashes(url) == undisturbed
    assert watched.bought() == [1] * ATTEMPTS


@pytest.mark.timeout(900)
def test_control_without_segments_more_is_bought_twice(
    fork_server: Path, server: ObjectServer, teacher: PracticeTeacher, watched: Watched, tmp_path: Path
) -> None:
    url = f"{server.scheme}://{BUCKET}/{tmp_path.name}/w"
    lost = Machine(fork_server, server, teacher, tmp_path / "lost", ATTEMPTS)  # none lands before all are there
    at_risk = lost_when(lost, url, lambda: MOMENTS[ANSWERS](server, watched), watched, "generate")
    objects = object_store.ObjectStore(url)
    objects.delete([f"journal/{name}" for name in objects.names("journal")])
    time.sleep(2 * PERIOD_S)
    said = Machine(fork_server, server, teacher, tmp_path / "fresh", ATTEMPTS).finish(url, "generate")
    assert f"calls: sent {ATTEMPTS} = answered {ATTEMPTS}" in said, "the ledger does not know of the others"
    bought = watched.bought()
    assert sum(bought) - len(bought) > at_risk

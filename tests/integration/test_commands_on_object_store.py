"""Each command on a warehouse on an object store says and makes what it does on one in a folder."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.forked import Forked
from tests.object_store import BUCKET, ObjectServer, object_server
from tests.sums import SUM

pytest.importorskip("moto", reason="needs moto[server]==5.2.5")
pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[teacher]
samples = 2
strategy = "draft_reflect_revise"

[student]
actors = 1

[run]
shard_size = 10
"""
PAIRS = [{"instruction": "Name a colour.", "input": "", "output": "Red."}, {"instruction": "Say hi.", "output": "Hi!"}]
FATES = "SELECT source, verdict, effect, count(*), round(avg(ifd), 6) FROM traces_full GROUP BY ALL ORDER BY ALL"
COMMANDS = {
    "run": "run run.toml",
    "run, nothing left": "run run.toml",
    "sql": f"sql --format json|{FATES}",
    "sql, the books": "sql --format json|FROM books",
    "sql, the views": "sql --views --format csv",
    "a trace": "sql --format json|SELECT min(trace_id) AS trace_id FROM traces",
    "show": "show {trace}",
    "unheard": "unheard",
    "rescore": "rescore run.toml --set student.max_length=64",
    "recycle": "recycle recycle.toml",
    "curate": "curate --name first",
    "release": "release one --splits train=0.8,test=0.2",
    "report": "report one",
    "diff": "diff one one",
    "compare": "compare given.jsonl given.jsonl --questions questions.jsonl --format json",
    "compact": "compact",
    "export": "export traces --out traces.csv",
    "hashes": "hashes",
    "sql, after all": f"sql --format json|{FATES}",
    "sql of a stranger": "sql --untrusted --format json|SELECT count(*) FROM traces",
}
"""By name: words, and after a bar one with spaces. Each goes on from what those before have made."""
REFUSED = {"sql of a stranger": "reflectory: sql: --untrusted needs a warehouse in a folder"}
"""What is not done on an object store, with exit code 2, and how it is said."""
_VARIES = re.compile(r"\d+(\.\d+)? (s|MiB)\b|^\w+ \d+/\d+.*$", re.MULTILINE)
"""Times and sizes, and how far a run has come at some moment."""
LANDED = ("landed_by", "landed_at")
GIVEN = ("questions.jsonl", "given.jsonl", "pairs.jsonl", "run.toml", "recycle.toml")
_FRAME = re.compile(r"[\s\u2500-\u257f]+")


def set_up(folder: Path) -> None:
    folder.mkdir()
    rows = [{"question": SUM.format(200 + n, 7), "gold": str(207 + n), "kind": "number"} for n in range(10)]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    given = [{"question": row["question"], "answer": f"It is {row['gold']}."} for row in rows]
    (folder / "given.jsonl").write_text("\n".join(map(json.dumps, given)))
    (folder / "pairs.jsonl").write_text("\n".join(map(json.dumps, PAIRS)))
    (folder / "run.toml").write_text(CONFIGURATION)
    recycling = (ROOT / "deploy/recycle.toml").read_text()
    (folder / "recycle.toml").write_text(recycling.replace("deploy/recycle_pairs.jsonl", "pairs.jsonl"))


class Place:
    """Where a warehouse is, and what commands say of it."""

    def __init__(self, fork_server: Path, folder: Path, address: str, environment: dict[str, str]) -> None:
        self._fork_server, self.folder, self._address, self._environment = fork_server, folder, address, environment
        self.said: dict[str, str] = {}
        set_up(folder)
        for name in COMMANDS:
            code, self.said[name] = self.call(COMMANDS[name])
            assert code == (2 if environment and name in REFUSED else 0), (name, self.said[name])

    def call(self, command: str) -> tuple[int, str]:
        """The exit code of a command, and its standard output, or its standard error where it fails."""
        words, _, last = command.partition("|")
        if "{trace}" in words:
            words = words.format(trace=json.loads(self.said["a trace"])[0]["trace_id"])
        given = [*words.split(), *([last] if last else []), "--warehouse", self._address]
        process = Forked(self._fork_server, given, self.folder, self._environment)
        out, err = process.communicate(timeout=300)
        assert "Traceback" not in out + err, out + err
        return int(process.returncode or 0), self._plain(err if process.returncode else out)

    def _plain(self, said: str) -> str:
        told = said.replace(self._address, "WAREHOUSE").replace(str(self.folder), "FOLDER")
        return _FRAME.sub(" ", _VARIES.sub("…", told))


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    with object_server() as server:
        yield server


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, fork_server: Path, server: ObjectServer) -> tuple[Place, Place]:
    """A folder, and a store whose driver has a disk of its own."""
    disk, cwd = tmp_path_factory.mktemp("disk") / "cwd", tmp_path_factory.mktemp("store") / "cwd"
    environment = server.environment | {"XDG_STATE_HOME": str(cwd.parent / "state")}
    return (
        Place(fork_server, disk, str(disk / "data/w"), {}),
        Place(fork_server, cwd, f"s3://{BUCKET}/w", environment),
    )


@pytest.mark.parametrize("name", COMMANDS.keys() - REFUSED.keys())
def test_a_command_says_the_same(name: str, places: tuple[Place, Place]) -> None:
    in_folder, in_store = places
    assert in_store.said[name] == in_folder.said[name]
    assert in_store.said[name].strip()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_done_there_is_refused(name: str, places: tuple[Place, Place]) -> None:
    assert places[1].said[name].startswith(REFUSED[name])


def test_what_is_written_is_the_same(places: tuple[Place, Place]) -> None:
    releases = [place.folder / "data/releases/one" for place in places]
    written = [sorted(file.name for file in folder.iterdir()) for folder in releases]
    assert written[0] == written[1]
    assert {"train.jsonl", "test.jsonl", "report.html"} <= set(written[0])
    for name in ("train.jsonl", "test.jsonl"):
        assert (releases[0] / name).read_bytes() == (releases[1] / name).read_bytes(), name
    exported = [rows_of(place.folder / "traces.csv") for place in places]
    assert exported[0] == exported[1]
    assert len(exported[0]) > 10


def rows_of(path: Path) -> list[dict[str, str]]:
    """In any order, and without when they landed."""
    with path.open(newline="") as file:
        rows = [{name: value for name, value in row.items() if name not in LANDED} for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: row["trace_id"])


def test_another_machine_knows_all_of_it(
    places: tuple[Place, Place], fork_server: Path, server: ObjectServer, tmp_path: Path
) -> None:
    """It has nothing of the first one's disk."""
    set_up(tmp_path / "cwd")
    environment = server.environment | {"XDG_STATE_HOME": str(tmp_path / "state")}

    def said(*command: str) -> str:
        given = [*command, "--warehouse", f"s3://{BUCKET}/w"]
        process = Forked(fork_server, given, tmp_path / "cwd", environment)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
        return out

    run = said("run", "run.toml")
    assert "nothing is left to do" in run
    calls = "calls: sent"
    assert run[run.index(calls) :].split(";")[0] in places[1].said["run"]
    again = json.loads(said("sql", FATES, "--format", "json"))
    assert again == json.loads(places[1].said["sql, after all"])
    assert sorted(file.name for file in (tmp_path / "cwd").iterdir()) == sorted(GIVEN), "nothing is made beside it"

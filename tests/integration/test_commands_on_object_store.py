"""Each command on a warehouse on an object store says and makes what it does on one in a folder."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from difflib import ndiff
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.forked import Forked
from tests.object_store import BUCKET, LACKS, ObjectServer, object_server
from tests.sums import SUM

pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

RECORDED = '[questions]\nsource = "recorded"\npath = "rows.jsonl"\nkind = "number"\n[run]\nshard_size = 10\n'
ASKED = '[questions]\nsource = "jsonl"\npath = "questions.jsonl"\n[student]\nactors = 1\n'
PAIRS = [{"instruction": "Name a colour.", "input": "", "output": "Red."}, {"instruction": "Say hi.", "output": "Hi!"}]
FATES = "SELECT source, verdict, effect, count(*), round(avg(ifd), 6) FROM traces_full GROUP BY ALL ORDER BY ALL"
TRACES = {
    "run": "run recorded.toml --until verify",
    "run, nothing left": "run recorded.toml --until verify",
    "sql": f"sql --format json|{FATES}",
    "sql, the books": "sql --format json|FROM books",
    "sql, the views": "sql --views --format csv",
    "a trace": "sql --format json|SELECT min(trace_id) AS trace_id FROM traces",
    "show": "show {trace}",
    "unheard": "unheard",
    "curate": "curate --name first",
    "release": "release one --splits train=0.8,test=0.2",
    "report": "report one",
    "diff": "diff one one",
    "compact": "compact",
    "export": "export traces --out traces.csv",
    "hashes": "hashes",
    "sql of a stranger": "sql --untrusted --format json|SELECT count(*) FROM traces",
}
STUDENTS = {
    "run": "run asked.toml",
    "rescore": "rescore asked.toml --set student.max_length=64",
    "recycle": "recycle recycle.toml --set student.actors=1",
    "compare": "compare given.jsonl given.jsonl --questions questions.jsonl --format json",
    "sql": f"sql --format json|{FATES}",
    "sql of pairs": "sql --format json|SELECT stage, reason, count(*) FROM pairs_full GROUP BY ALL ORDER BY ALL",
}
"""By name: words, and after a bar one with spaces. Each goes on from what those before have made."""
REFUSED = {"sql of a stranger": "reflectory: sql: --untrusted needs a warehouse in a folder"}
"""What is not done on an object store, with exit code 2, and how it is said."""
_PROGRESS = re.compile(r"^\w+ \d+/\d+.*\n", re.MULTILINE)
"""How far a run has come at some moment: as many lines as it takes seconds."""
_VARIES = re.compile(r"\d+(\.\d+)?(e\+\d+)? (s|MiB|minutes|answers a minute)\b")
"""Times, sizes and rates."""
LANDED = ("landed_by", "landed_at")
TAGGED = "<thinking>\nI add.\n<reflection>That is right.</reflection>\n</thinking>\n<output>\n{}\n</output>"
_FRAME = re.compile(r"[\s\u2500-\u257f]+")


def set_up(folder: Path) -> None:
    folder.mkdir()
    rows = [{"question": SUM.format(200 + n, 7), "gold": str(207 + n), "kind": "number"} for n in range(12)]
    given = [{"question": row["question"], "answer": f"It is {row['gold']}."} for row in rows]
    recorded = [row | {"response": TAGGED.format(207 + n + n % 3 // 2)} for n, row in enumerate(rows)]
    for name, of in {"questions": rows, "given": given, "rows": recorded, "pairs": PAIRS}.items():
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, of)))
    (folder / "recorded.toml").write_text(RECORDED)
    (folder / "asked.toml").write_text(ASKED)
    recycling = (ROOT / "deploy/recycle.toml").read_text()
    (folder / "recycle.toml").write_text(recycling.replace("deploy/recycle_pairs.jsonl", "pairs.jsonl"))


class Place:
    """Where a warehouse is, and what commands say of it."""

    def __init__(self, fork_server: Path, folder: Path, address: str, environment: dict[str, str]) -> None:
        self._fork_server, self.folder, self._address, self._environment = fork_server, folder, address, environment
        self.said: dict[str, str] = {}
        set_up(folder)

    def go_through(self, commands: dict[str, str]) -> None:
        for name, command in commands.items():
            code, self.said[name] = self.call(command)
            assert code == (2 if self._environment and name in REFUSED else 0), (name, self.said[name])

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
        return _FRAME.sub(" ", _VARIES.sub("…", _PROGRESS.sub("", told)))


@pytest.fixture(scope="module", params=sorted(LACKS))
def server(request: pytest.FixtureRequest) -> Iterator[ObjectServer]:
    with object_server(request.param) as server:
        yield server


@pytest.fixture(scope="module")
def begin(
    tmp_path_factory: pytest.TempPathFactory, fork_server: Path, server: ObjectServer
) -> Callable[[str, dict[str, str]], tuple[Place, Place]]:
    """What commands say of a new folder, and of a new store of that name, whose driver has a disk of its own."""

    def gone_through(name: str, commands: dict[str, str]) -> tuple[Place, Place]:
        disk, cwd = tmp_path_factory.mktemp("disk") / "cwd", tmp_path_factory.mktemp("store") / "cwd"
        environment = server.environment | {"XDG_STATE_HOME": str(cwd.parent / "state")}
        in_folder = Place(fork_server, disk, str(disk / "data/w"), {})
        in_store = Place(fork_server, cwd, f"{server.scheme}://{BUCKET}/{name}", environment)
        for place in (in_folder, in_store):
            place.go_through(commands)
        return in_folder, in_store

    return gone_through


def differing(in_folder: Place, in_store: Place) -> dict[str, list[str]]:
    """The words of each command that only one of them says, and which."""
    both = {name: (said, in_store.said[name]) for name, said in in_folder.said.items() if name not in REFUSED}
    assert all(said.strip() for pair in both.values() for said in pair)
    words = {name: ndiff(*(said.split() for said in pair)) for name, pair in both.items()}
    return {name: found for name, each in words.items() if (found := [word for word in each if word[0] in "+-"])}


def test_commands_on_traces(
    begin: Callable[..., tuple[Place, Place]], fork_server: Path, server: ObjectServer, tmp_path: Path
) -> None:
    in_folder, in_store = places = begin("traces", TRACES)
    assert differing(in_folder, in_store) == {}
    for name, says in REFUSED.items():
        assert in_store.said[name].startswith(says)

    releases = [place.folder / "data/releases/one" for place in places]
    written = [sorted(file.name for file in folder.iterdir()) for folder in releases]
    assert written[0] == written[1]
    assert {"chat-train.jsonl", "chat-test.jsonl"} <= set(written[0])
    for name in (name for name in written[0] if name.endswith(".jsonl")):
        assert (releases[0] / name).read_bytes() == (releases[1] / name).read_bytes(), name
    exported = [rows_of(place.folder / "traces.csv") for place in places]
    assert exported[0] == exported[1]
    assert len(exported[0]) == 12

    # another machine has nothing of the first one's disk
    other = Place(
        fork_server,
        tmp_path / "cwd",
        f"{server.scheme}://{BUCKET}/traces",
        server.environment | {"XDG_STATE_HOME": str(tmp_path / "state")},
    )
    before = sorted(file.name for file in other.folder.iterdir())
    other.go_through({name: TRACES[name] for name in ("run, nothing left", "sql", "sql, the books", "hashes")})
    assert other.said.items() <= in_store.said.items()
    assert sorted(file.name for file in other.folder.iterdir()) == before, "nothing is made beside it"


def test_commands_with_a_student(begin: Callable[..., tuple[Place, Place]]) -> None:
    assert differing(*begin("students", STUDENTS)) == {}


def rows_of(path: Path) -> list[dict[str, str]]:
    """In any order, and without when they landed."""
    with path.open(newline="") as file:
        rows = [{name: value for name, value in row.items() if name not in LANDED} for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: row["trace_id"])

"""A warehouse that commit 9143127 wrote with a scripted endpoint opens, continues without a call, verifies, releases.

`record_old_warehouse.py` made the archive. Its endpoint is served here, too, and counts what it is asked.
"""

import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.configure import read_configuration
from flows.preparation import prepared
from flows.teacher_address import teacher_identity
from schemas.until import Until
from tasks.judging.verifiers import VERIFIERS
from tasks.synthesis.plan import make_plan
from tests.conftest import ROOT, Reflectory, asked
from tests.golden.record_old_warehouse import Server, endpoint

ARCHIVE = Path(__file__).with_name("old_warehouse.tar.xz")
ROWS = {
    "questions": 21,
    "attempts": 44,
    "calls": 78,
    "traces": 44,
    "failures": 0,
    "verdicts": 44,
    "scores": 40,
    "originals": 4,
    "pairs": 10,
    "selections": 4,
    "rulings": 0,
    "contaminations": 0,
    "signatures": 44,
    "curations": 2,
    "decisions": 88,
    "releases": 1,
    "runs": 6,
}
RUNS = ("kinds.toml", "revise.toml", "written.toml", "recorded.toml")
MACROS = ("changes_between", "run_changes")
NEVER_ANEW = ("questions", "attempts", "calls")
"""Tables in which continuing lands nothing. Traces are read anew where the grammar has another version; originals are
those of another plan since no gold is recomputed from an instruction any more."""


class Old:
    """The archive, unpacked, and today's commands in its folder."""

    def __init__(self, folder: Path, start: Reflectory) -> None:
        self.folder = folder
        self._start = start

    def call(self, *arguments: str, code: int = 0) -> str:
        process = self._start(*arguments, "--warehouse", "warehouse", cwd=self.folder)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, f"{arguments}: {out}\n{err}"
        return out

    def sql(self, query: str) -> list[dict[str, Any]]:
        return asked(self.folder / "warehouse", query)

    def hashes(self) -> dict[str, str]:
        return _by_table(self.call("hashes"))


def _by_table(lines: str) -> dict[str, str]:
    return {table: value for value, table in map(str.split, lines.splitlines())}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with endpoint() as served:
        yield served


@pytest.fixture
def old(unpacked: Path, tmp_path: Path, reflectory: Reflectory) -> Old:
    return Old(shutil.copytree(unpacked, tmp_path / "old"), reflectory)


@pytest.fixture(scope="module")
def continued(unpacked: Path, tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory, server: Server) -> Old:
    """After each command that the old commit ran, once more."""
    old = Old(shutil.copytree(unpacked, tmp_path_factory.mktemp("continued") / "old"), reflectory)
    for configuration in RUNS:
        old.call("run", configuration, "--until", "verify")
    old.call("recycle", "recycle.toml")
    assert server.n_asked == 0
    return old


def test_every_table_and_view_opens(old: Old) -> None:
    views = [path.stem.split("_", 1)[1] for path in (ROOT / "warehouse/views").glob("*.sql")]
    named = [*ROWS, *(view for view in views if view not in MACROS)]
    counts = ", ".join(f'(SELECT count(*) FROM "{name}") AS "{name}"' for name in named)
    [found] = old.sql(f"SELECT {counts}")
    assert {table: found[table] for table in ROWS} == ROWS
    assert found["traces_full"] == 44
    assert (found["books"], found["pair_books"]) == (4, 1)


def test_what_it_holds_has_the_hashes_that_the_old_commit_gave_it(old: Old) -> None:
    assert old.hashes() == _by_table((old.folder / "hashes.txt").read_text())


@pytest.mark.timeout(600)
def test_it_continues_without_a_call_and_leaves_what_was_there(continued: Old) -> None:
    before, after = _by_table((continued.folder / "hashes.txt").read_text()), continued.hashes()
    assert {table: after[table] for table in NEVER_ANEW} == {table: before[table] for table in NEVER_ANEW}
    runs = continued.sql("SELECT count(*) AS n FROM runs WHERE ended = 'done'")
    assert runs == [{"n": ROWS["runs"] + len(RUNS) + 1}]
    read = "SELECT grammar, count(*) AS n, count(DISTINCT text) AS texts FROM traces GROUP BY ALL ORDER BY grammar"
    first, *others = continued.sql(read)
    assert (first["grammar"], first["n"]) == ("reflectory-2", 44), "what was read before stays"
    assert all((other["n"], other["texts"]) == (44, first["texts"]) for other in others)
    assert continued.sql("SELECT bool_and(balanced) AS all FROM books") == [{"all": True}]


@pytest.mark.timeout(600)
def test_it_is_verified_by_today_s_verifiers(continued: Old) -> None:
    newest = "SELECT DISTINCT q.kind, v.verifier_version AS version FROM newest_verdicts v"
    newest += " JOIN newest_traces t ON t.trace_id = v.subject_id JOIN questions q USING (question_id)"
    found = {(row["kind"], row["version"]) for row in continued.sql(newest)}
    assert {kind for kind, _ in found} >= {"number", "math", "exact", "choice", "code", "consensus", "judge"}
    for kind, version in found:
        assert VERIFIERS[kind].version in version, kind


@pytest.mark.timeout(600)
def test_it_is_curated_and_released(continued: Old) -> None:
    continued.call("curate", "policy.toml")
    continued.call("release", "new")
    chat = (continued.folder / "releases/new/chat.jsonl").read_text().splitlines()
    before = (continued.folder / "releases/old/chat.jsonl").read_text().splitlines()
    assert len(chat) == len(before) > 20, "what was released is no duplicate of what is read from it anew"
    assert "all" in continued.call("diff", "old", "new")


def test_its_attempts_keep_the_seeds_that_they_were_planned_with(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    """All its questions share the seeds of their samples. The control: a plan that does not know what was planned."""
    monkeypatch.chdir(old.folder)
    for name in ("kinds.toml", "revise.toml"):
        configuration = read_configuration(Path(name), [])
        with prepared(configuration, old.folder / "warehouse", Until.VERIFY) as preparation:
            plan, before = preparation.plan, preparation.before
            assert not preparation.calls_due()
            kept = dict(plan.first_requests())
            assert {request.call_id for request in kept.values()} == kept.keys(), (
                "what is asked has the key that is known"
            )
            assert len({request.sampling.seed for request in kept.values()}) == configuration.teacher.samples
            anew = make_plan(configuration, preparation.loaded.seeds, teacher_identity(configuration.teacher))
            assert before.present("calls", list(plan.asked)) == set(plan.asked)
            assert before.present("calls", list(anew.asked)) == set()
            assert len(anew.asked) == len(plan.asked), "every one would be bought again"


@pytest.mark.timeout(600)
def test_one_changed_question_is_its_own_calls(old: Old, server: Server) -> None:
    """The known-bad control: the endpoint is not asked 0 times whatever is changed."""
    path, before = old.folder / "questions.jsonl", server.n_asked
    path.write_text(path.read_text().replace("14 * 12 - 9", "14 * 12 - 8"))
    old.call("run", "kinds.toml", "--until", "verify")
    assert server.n_asked - before == 2, "two samples"
    assert old.sql("SELECT count(*) AS n FROM calls") == [{"n": ROWS["calls"] + 2}]

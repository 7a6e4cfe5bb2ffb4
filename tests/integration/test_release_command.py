"""`reflectory release` and `reflectory diff` as a user starts them, over a small warehouse."""

import json
import shutil
from pathlib import Path

import pytest

from flows.cli.main import app
from schemas.errors import Refused
from tests.released_world import build, question
from warehouse.landing import Warehouse


class Clone:
    """A folder with a warehouse in it, and the command to use it, in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def call(self, *arguments: str) -> str:
        """What it prints."""
        self._monkeypatch.chdir(self.folder)
        self._capsys.readouterr()
        app(list(arguments), standalone_mode=False)
        return self._capsys.readouterr().out

    def bytes_of(self, name: str) -> dict[str, bytes]:
        folder = self.folder / "data" / "releases" / name
        return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "manifest.json"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    made = [tmp_path_factory.mktemp("clone") for _ in range(2)]
    warehouse = Warehouse(made[0] / "data" / "warehouse")
    warehouse.create()
    build(warehouse, [question(n, f"family {n % 2}") for n in range(6)])
    shutil.copytree(made[0] / "data", made[1] / "data")
    return made


@pytest.fixture
def clones(
    folders: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Clone, Clone]:
    return Clone(folders[0], capsys, monkeypatch), Clone(folders[1], capsys, monkeypatch)


def test_two_clones_release_the_same_bytes_and_fates_add_up(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    printed = one.call("release", "demo")
    two.call("release", "demo")
    assert "books: planned 18 = kept" in printed
    assert "rendered through no chat template" in printed
    assert one.bytes_of("demo") == two.bytes_of("demo")
    [fates] = json.loads(
        one.call(
            "sql",
            "select planned, kept, dropped, failed, pending, len(r.trace_ids) as rows, (select count(*) from fates f"
            " where f.fate = 'kept') as kept_fates from releases r join curations c using (curation_id)",
            "--format",
            "json",
        )
    )
    assert fates["planned"] == fates["kept"] + fates["dropped"] + fates["failed"] + fates["pending"] == 18
    assert fates["kept"] == fates["rows"] == fates["kept_fates"]
    assert "it was there already" in one.call("release", "demo")


def test_another_policy_is_another_release_and_diff_says_how(clones: tuple[Clone, Clone], tmp_path: Path) -> None:
    _, two = clones
    (tmp_path / "policy.toml").write_text('name = "strict"\n[effect]\nkeep = ["corrected"]\n')
    given = ["--policy", str(tmp_path / "policy.toml")]
    with pytest.raises(Refused, match="other content"):
        two.call("release", "demo", *given)
    two.call("release", "strict", *given, "--formats", "chat,sharegpt", "--out", "elsewhere")
    printed = two.call("diff", "demo", "elsewhere/strict")
    assert "policy.effect.keep" in printed
    assert "fates.kept" in printed
    assert "removed" in printed
    rows = json.loads(two.call("diff", "demo", "elsewhere/strict", "--format", "json"))
    assert {row["change"] for row in rows} == {"removed"}
    assert "are the same, byte for byte" in two.call("diff", "demo", "demo")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("release", "../../x"), "name"),
        (("release", "new", "--formats", "csv"), "--formats: got 'csv'"),
        (("release", "new", "--push", "me/traces"), "HF_TOKEN is not set"),
        (("release", "new", "--template", "nowhere"), "--template: no folder nowhere"),
        (("diff", "demo", "nowhere"), "'nowhere' is no release"),
    ],
)
def test_what_cannot_be_done_is_refused(
    clones: tuple[Clone, Clone], arguments: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with pytest.raises(Refused, match=reason):
        clones[0].call(*arguments)
    assert not (clones[0].folder / "data" / "releases" / "new").exists()

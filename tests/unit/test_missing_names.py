"""A name that is not there is answered by a sentence with the names that are."""

from pathlib import Path

import pytest

from flows.cli.main import app
from schemas.errors import Refused
from tasks.publishing.manifest import MANIFEST
from warehouse.landing import Warehouse

KNOWN = "releases has one, two, and --out names another folder of releases"
MISSING = [
    (["prove", "twoo"], f"'twoo' is no release and no folder of one; {{root}}/{KNOWN}; did you mean two?"),
    (["diff", "absent", "one"], f"'absent' is no release and no folder of one; {{root}}/{KNOWN}"),
    (["diff", "one", "absent"], f"'absent' is no release and no folder of one; {{root}}/{KNOWN}"),
    (["review", "absent"], f"'absent' is no release and no folder of one; {{root}}/{KNOWN}"),
    (["review", "one", "--against", "absent"], f"'absent' is no release and no folder of one; {{root}}/{KNOWN}"),
    (["prove", "absent"], f"'absent' is no release and no folder of one; {{root}}/{KNOWN}"),
    (["report", "absent"], f"report: no release 'absent' in {{warehouse}}; {{root}}/{KNOWN}"),
    (
        ["show", "absent"],
        "show: no trace begins with 'absent'; `reflectory sql 'select trace_id from traces'` lists them",
    ),
    (["curate", "none.toml"], "none.toml: cannot read the configuration (No such file or directory)"),
]


@pytest.fixture
def known(warehouse: Warehouse) -> Path:
    """A warehouse that has two releases beside it."""
    for name in ("one", "two", ".draft.7"):
        folder = warehouse.folder.parent / "releases" / name
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text('{"content_hash": "x", "files": []}')
    return warehouse.folder


@pytest.mark.parametrize(("arguments", "told"), MISSING)
def test_a_missing_name_is_answered_by_those_that_exist(known: Path, arguments: list[str], told: str) -> None:
    """The bug: `[Errno 2]`, or a folder that nobody had named."""
    with pytest.raises(Refused) as refused:
        app([*arguments, "--warehouse", str(known)], standalone_mode=False)
    assert str(refused.value) == told.format(root=known.parent, warehouse=known)


def test_a_release_named_as_the_experiment_is_not_shadowed(known: Path) -> None:
    (known.parent / "releases" / "one").rename(known.parent / "releases" / "demo")
    with pytest.raises(Refused, match=r"and of a release in .*/releases/demo; give that folder, or --out data/prove"):
        app(["prove", "demo", "--warehouse", str(known)], standalone_mode=False)


@pytest.mark.parametrize("command", ["curate", "compact", "rescore c.toml", "release three", "unheard"])
def test_who_writes_is_refused_at_once_while_another_does(
    known: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """The bug: Prefect started first, for up to a minute. Here there is none to be had."""
    monkeypatch.chdir(known.parent)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    Path("c.toml").write_text('[questions]\nsource = "reasoning_gym"\n')
    with Warehouse(known).sole_writer(), pytest.raises(Refused, match="another run is writing"):
        app([*command.split(), "--warehouse", str(known)], standalone_mode=False)


def test_a_table_is_no_warehouse(known: Path) -> None:
    """The bug: a run made a second warehouse inside a table of the first."""
    with pytest.raises(Refused, match=r"/traces is a Delta table; needs the folder of all tables, or a new one"):
        Warehouse(known / "traces").create()

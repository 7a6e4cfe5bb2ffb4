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

"""What the disk under a warehouse does, in a sentence; and paths that are none of this machine's."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from flows.cli import main
from schemas.errors import DiskTrouble, PlaceGone, Refused
from schemas.question import Question
from tests.conftest import ROOT
from warehouse import compaction
from warehouse.catalog import write_catalog
from warehouse.compaction import compact
from warehouse.disk import disk_in_a_sentence, disk_trouble, local_path, private_files, replacing
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.object_store import bucket


@pytest.mark.parametrize(
    "given",
    ["s3a://bucket/wh", "gcs://b", "azure://c/d", "abfss://c@a/d", "hdfs://n/x", "file:///x", "GCS://B/x", "memory://x",
     " gcs://b", "http://h/x", "delta+s3://b/x", "s3://", "az://", "gs://"],
)  # fmt: skip
def test_an_url_is_no_folder(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="got an URL with the scheme"):
        Warehouse(Path(given))
    assert not list(tmp_path.iterdir())


def test_an_account_that_is_not_set_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("AZ")]:
        monkeypatch.delenv(name)
    with pytest.raises(Refused, match=r"^az://c/p: .*Account must be specified; look at AZURE_STORAGE_ACCOUNT_NAME"):
        Warehouse(Path("az://c/p"))


@pytest.mark.parametrize("scheme", ["s3", "az", "gs"])
@pytest.mark.parametrize(
    "name",
    ["a*", "a?b", "a[b]", "a#b/w", "x%20y", "a^b", "a|b", "a\\b", "a\tb", "a//b", "../up", "./here", "a/..", "a/./b"],
)
def test_a_prefix_that_libraries_take_for_another_is_refused(scheme: str, name: str) -> None:
    """Of `a#b/w` obstore and deltalake take `a`, of `x%20y` one takes `x y`, and `^` ends deltalake with a panic."""
    with pytest.raises(Refused, match=r"^--warehouse: .* in its name, which the libraries .* take for something else"):
        Warehouse(f"{scheme}://bucket/{name}")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json", "Unable to open service account file from /nowhere.json"),
        ("GOOGLE_SERVICE_ACCOUNT", "/nowhere.json", "Unable to open service account file from /nowhere.json"),
        ("GOOGLE_SERVICE_ACCOUNT_KEY", "hushhush", "Unable to decode service account file"),
        ("GOOGLE_SERVICE_ACCOUNT_KEY", '"hushhush"', "Unable to decode service account file"),
        ("GOOGLE_SERVICE_ACCOUNT_KEY", '{"client_email": "a", "private_key_id": "", "private_key": "hushhush"}', "pem"),
        ("GOOGLE_SKIP_SIGNATURE", "hushhush", "as boolean"),
    ],
)  # fmt: skip
def test_an_account_of_google_that_cannot_be_read_is_told_without_its_key(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for each in [each for each in os.environ if each.startswith("GOOGLE_")]:
        monkeypatch.delenv(each)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    bucket.cache_clear()
    with pytest.raises(Refused, match=rf"^gs://b/p: .*{told}.*look at .*GOOGLE_APPLICATION_CREDENTIALS") as refused:
        Warehouse(Path("gs://b/p"))
    assert "hushhush" not in str(refused.value)


@pytest.mark.parametrize("given", ["data/warehouse", "/tmp/x", "a:b", "..", "weird+name/x", "./3:4"])
def test_a_folder_is_one(given: str) -> None:
    assert local_path("--warehouse", Path(given)) == Path(given)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "is full"),
        (OSError(errno.EROFS, "Read-only file system"), "is read-only"),
        (PermissionError(errno.EACCES, "Permission denied"), "does not let this user write"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "is full to its quota"),
        (OSError(errno.ESTALE, "Stale file handle"), "is away; mount it again"),  # of NFS
        (OSError(errno.ENOTCONN, "Transport endpoint is not connected"), "is away; mount it again"),  # of FUSE
        (OSError("Generic LocalFileSystem error: Unable to open file: Stale file handle (os error 116)"), "is away"),
        (sqlite3.OperationalError("database or disk is full"), "is full"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "is read-only"),
        (sqlite3.OperationalError("disk I/O error"), "fails to write"),
        (Exception("Unable to copy data to file: No space left on device (os error 28)"), "is full"),
        (Exception('Error: Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }'), "read-only"),
        (Exception('IO Error: Could not write file "x": No space left on device'), "is full"),
        (OSError("Generic LocalFileSystem error: Unable to copy: Input/output error (os error 5)"), "fails"),
        (
            OSError("Generic LocalFileSystem error\n ↳ Unable to rename file\n ↳ x (os error 1)"),
            "no hard links",
        ),
        (OSError("Generic LocalFileSystem error\n ↳ Unable to rename file\n ↳ x (os error 38)"), "no hard links"),
        (OSError("Generic LocalFileSystem error\n ↳ Unable to rename file\n ↳ x (os error 95)"), "no hard links"),
        (OSError("Generic LocalFileSystem error\n ↳ Unable to rename file\n ↳ x (os error 13)"), "does not let"),
        (OSError("Generic LocalFileSystem error\n ↳ Unable to open file\n ↳ x (os error 1)"), "does not let"),
        (OSError(errno.ENOENT, "No such file or directory"), None),
        (ValueError("full of mistakes"), None),
    ],
)
def test_what_a_write_failed_for(error: Exception, told: str | None, tmp_path: Path) -> None:
    said = disk_trouble(error)
    assert (told in said) if told and said else said is told
    with pytest.raises(DiskTrouble if told else type(error)), disk_in_a_sentence(tmp_path):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file or directory"),
        sqlite3.OperationalError("unable to open database file"),
        OSError("Generic LocalFileSystem error: Unable to open file (os error 2)"),
    ],
)
def test_a_place_that_is_gone_is_told_as_such(error: Exception, tmp_path: Path) -> None:
    """A run whose warehouse was moved ended with `FileNotFoundError: … .newest.json.1608`."""
    with pytest.raises(PlaceGone, match=r"/w is gone: .* put it back"), disk_in_a_sentence(tmp_path / "w"):
        raise error
    with pytest.raises(Refused, match=r"^no$"), disk_in_a_sentence(tmp_path / "w"):
        raise Refused("no")


def test_what_a_warehouse_holds_is_its_users_alone(tmp_path: Path) -> None:
    """What a run wrote was, and what `curate`, `release` and `prove` landed had the umask's mode."""
    before = os.umask(0o022)
    try:
        warehouse = Warehouse(tmp_path / "w")
        warehouse.create()
        question = Question.of(text="?", gold=None, kind="exact", source="s")
        warehouse.land("questions", [question], "run", "unit")
        write_catalog(warehouse)
        Journal(warehouse.journal_path).close()
        (tmp_path / "control").write_text("")
    finally:
        os.umask(before)
    for found in [tmp_path / "w", *(tmp_path / "w").rglob("*")]:
        assert stat.S_IMODE(found.stat().st_mode) & 0o077 == 0, found
    assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o644


def test_what_compaction_makes_of_private_files_is_private(tmp_path: Path) -> None:
    """In a folder that all may read, calls became readable to all with the first `compact`."""
    before = os.umask(0o022)
    try:
        warehouse = Warehouse(tmp_path)
        warehouse.create()
        for n in range(2):
            question = Question.of(text=f"{n}?", gold=None, kind="exact", source="s")
            with private_files():
                warehouse.land("questions", [question], "run", f"{n}")
        compact(warehouse, timedelta(0))
    finally:
        os.umask(before)
    [made] = warehouse.files("questions").paths
    assert stat.S_IMODE(Path(made).stat().st_mode) == 0o600


SMALL = """
import sys
from datetime import timedelta
from pathlib import Path
from schemas.errors import ReflectoryError
from warehouse.landing import Warehouse
from warehouse.journal import Journal
try:
    warehouse = Warehouse(Path(sys.argv[1]))
    warehouse.create()
    with warehouse.sole_writer():
        print("held")
except ReflectoryError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("size=64m", "held"),
        ("size=64m,ro", "2 --warehouse: cannot make"),
        ("size=4m", "2 --warehouse: 4.0 MiB are free"),
    ],
)
def test_a_disk_that_takes_nothing_is_refused(options: str, told: str, tmp_path: Path) -> None:
    """On a file system of its own, where this user may make one; the first is the control."""
    script = f"mount -t tmpfs -o {options} none {tmp_path} && exec {sys.executable} - {tmp_path}/w"
    command = ["unshare", "-Urm", "bash", "-c", script]
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here")
    done = subprocess.run(
        command, input=SMALL, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.startswith(told), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; make room, or write to another folder"),
        (
            OSError(errno.EROFS, "Read-only file system", "/x/.a"),
            "the disk of /x is read-only; make it writable, or write",
        ),
        (Exception('IO Error: Could not write file "x": No space left on device'), "the disk is full; make room, or"),
        (Exception('IO Error: Could not write file "/x/.a": No space left on device'), "the disk of /x is full; make"),
        (
            Exception('{"m": "Could not write file \\"/x/.a\\": No space left on device"}'),
            "the disk of /x is full; make",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/x/a"), None),
        (OSError(errno.ENOENT, "No such file or directory"), None),
        (ValueError("full of mistakes"), None),
    ],
)
def test_a_command_says_what_is_wrong_with_the_disk(error: Exception, told: str | None) -> None:
    said = main._disk(error)
    assert said == told if told is None else said and said.startswith(told)


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_write_that_fails_says_which_disk(buffering: int, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as failed, replacing(tmp_path / "out"):  # noqa: SIM117
        with Path("/dev/full").open("wb", buffering) as full:
            full.write(b"1")
    assert str(main._disk(failed.value)).startswith(f"the disk of {tmp_path} is full")
    assert not list(tmp_path.iterdir())


def test_compaction_says_which_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.create()

    def full(*_: object) -> None:
        raise Exception("Unable to copy data to file: No space left on device (os error 28)")

    monkeypatch.setattr(compaction, "_rewrite", full)
    with pytest.raises(DiskTrouble, match=f"{tmp_path}: the disk is full"):
        compact(warehouse, timedelta(0))

"""What a command without a home, a temporary folder, files or processes enough is told; and one that is stopped."""

import errno
import os
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.cli.surroundings import surroundings_trouble
from flows.prefect_settings import configure_prefect

HOME, TMPDIR = Path("/home/of/somebody"), Path("/tmp/of/somebody")
DENIED, READ_ONLY, ABSENT = errno.EACCES, errno.EROFS, errno.ENOENT


def at(error: int, path: Path) -> OSError:
    return OSError(error, os.strerror(error), str(path))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (at(DENIED, HOME / ".prefect/profiles.toml"), f"^HOME: {HOME}/.prefect/profiles.toml: Permission denied; "),
        (at(DENIED, HOME / ".ray"), "set HOME to a folder that this user can write to"),
        (at(READ_ONLY, HOME / ".ray"), "^HOME: .*Read-only file system; "),
        (at(ABSENT, HOME), "^HOME: "),
        (RuntimeError("Could not determine home directory."), f"^HOME: not set, .* user {os.getuid()}; .* set HOME to"),
        (at(DENIED, TMPDIR / "ray"), f"^TMPDIR: {TMPDIR}/ray: Permission denied; .* set TMPDIR to"),
        (at(READ_ONLY, TMPDIR), "^TMPDIR: "),
        (FileNotFoundError(ABSENT, "No usable temporary directory found in ['/tmp']"), "^TMPDIR: .* set TMPDIR to"),
        (at(errno.EMFILE, Path("/w/questions")), "^too many open files: a process may open .*`ulimit -n 4096`"),
        (duckdb.IOException('Cannot open file "/w/a.parquet": Too many open files'), "^too many open files: "),
        (RuntimeError("can't start new thread"), "^no more processes: a user may have .*`ulimit -u`"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "^no more processes: "),
        (at(DENIED, HOME / "questions.jsonl"), None),  # a user's own file
        (at(DENIED, TMPDIR / "questions.jsonl"), None),
        (at(READ_ONLY, Path("/w/journal")), None),
        (at(errno.ENOSPC, HOME / ".ray"), None),  # of the disk
        (ValueError("no"), None),
    ],
)  # fmt: skip
def test_what_is_lacking_is_told_with_what_to_do(
    error: Exception, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were `PermissionError: [Errno 13] …` and the like."""
    monkeypatch.setenv("HOME", str(HOME))
    monkeypatch.setattr("tempfile.tempdir", str(TMPDIR))
    said = surroundings_trouble(error)
    if told is None:
        assert said is None
    else:
        with pytest.raises(AssertionError, match=told):
            raise AssertionError(said)


def test_without_a_home_prefect_is_not_begun_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a container's user that has no entry in /etc/passwd: the server's traceback was all that was told."""

    def has_none(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", has_none)
    monkeypatch.setenv("PREFECT_HOME", "p")
    with pytest.raises(RuntimeError) as raised:
        configure_prefect()
    assert str(surroundings_trouble(raised.value)).startswith("HOME: not set")


@pytest.mark.parametrize(
    ("error", "stopped"),
    [
        (RuntimeError("Query interrupted"), True),
        (RuntimeError("Query interrupted by a fault"), False),
        (ValueError("Query interrupted"), False),
    ],
)
def test_who_is_stopped_in_a_query_is_stopped(error: Exception, stopped: bool) -> None:
    """DuckDB makes a RuntimeError of Ctrl-C and SIGTERM: the exit code was 1, of a failure."""
    assert main._is_interrupt(error) is stopped

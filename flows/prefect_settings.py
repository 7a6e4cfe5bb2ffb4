"""Prefect, configured in one place, before it is imported: offline, quiet, and never in the way of a user's own."""

import atexit
import os
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections import ChainMap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.errors import ReflectoryError, Refused

OUR_HOME = Path("data/prefect")
START_S = 180.0
UNREACHABLE = "Failed to reach API at"
"""What Prefect's client says of a server that it never reached, as a bare `RuntimeError` (3.9.1)."""
_QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # the command line says it itself, in a line
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_CLIENT_MAX_RETRIES": "2",  # 6 s, not 62 for each thing that a server which is gone should hear
}

_UI_FILES = ("PREFECT_UI_STATIC_DIRECTORY", "PREFECT_SERVER_UI_STATIC_DIRECTORY")


class PrefectUnavailable(ReflectoryError):
    """No Prefect server came up, or the user's does not answer."""

    @classmethod
    def for_now(cls, error: Exception) -> "PrefectUnavailable":
        """Return what a person is told of a server that the environment or a profile names, and that an error is of."""
        return cls(
            f"Prefect's server does not answer ({error}); start it, or unset PREFECT_API_URL for one of the command's"
            " own"
        )


def configure_prefect(full_at: int | None = None) -> None:
    """Set what the user leaves unset, and see to a server; call it once, before the first `import prefect`.

    With an API URL where Prefect reads its settings, that server is used. Without, one is started for as long as this
    process lives, over the user's Prefect home or, where there is none, over `data/prefect` (`make ui` shows it). It
    has the UI and the scheduler where it is to listen at port `full_at`. Raises `Refused` for a port that is taken, and
    `RuntimeError` for a user without a home.
    """
    Path.home()  # without one, Prefect cannot be imported, in its server neither
    given = _given()
    os.environ |= {name: value for name, value in _QUIET.items() if name not in given}
    if not _has_home(given):
        OUR_HOME.mkdir(mode=0o700, parents=True, exist_ok=True)  # else the server and we would race for it
        os.environ["PREFECT_HOME"] = str(OUR_HOME.absolute())
    if not names_server():
        os.environ["PREFECT_API_URL"] = _start_server(full_at)


def wait_for_prefect() -> None:
    """Return once the server that `configure_prefect` started answers. Raises `PrefectUnavailable`."""
    if _server is None:
        return
    process, url = _server
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                _send_no_heartbeats()
                return
        except OSError:
            time.sleep(0.1)
    home = os.environ.get("PREFECT_HOME", "~/.prefect")
    raise PrefectUnavailable(f"the Prefect server did not start; its reason stands above, its data are in {home}")


def _send_no_heartbeats() -> None:
    """A server that ends with this process looks for no dead ones, and with heartbeats a flow's end waits for the next
    full second (Prefect 3.9.1). No environment variable takes None for them.
    """
    from prefect.context import SettingsContext, get_settings_context
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY

    now = get_settings_context()
    settings = now.settings.copy_with_update(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    SettingsContext(profile=now.profile, settings=settings).__enter__()  # until this process ends


_server: tuple[subprocess.Popen[bytes], str] | None = None


def _start_server(full_at: int | None) -> str:
    """The API URL of a server that is starting. It ends after Prefect has sent its last events, at exit."""
    global _server
    port = _free_port(full_at or 0)
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.prefect_server", str(port), *(["full"] if full_at else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        umask=0o077,
        process_group=0,  # Ctrl-C is the run's, which still has an end to report
    )
    atexit.register(_stop, process)
    _server = process, f"http://127.0.0.1:{port}/api"
    return _server[1]


def _free_port(wanted: int) -> int:
    """`wanted`, or any where that is 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise Refused(
                f"port {wanted} is taken ({error.strerror}); if a Prefect server listens there, use it with"
                f" PREFECT_API_URL=http://127.0.0.1:{wanted}/api"
            ) from error
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.close()
    process.wait()


def _has_home(given: Mapping[str, str]) -> bool:
    named = ("PREFECT_HOME", "PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH")
    return any(given.get(name) for name in named) or (Path.home() / ".prefect" / "profiles.toml").exists()


def keep_ui_apart() -> None:
    """Give a server's pages files of its own, below its home: those of the installation, each server rewrites for its
    base path, and the page of an earlier one stays blank (Prefect 3.9.1). Call it before the first `import prefect`.
    """
    given = _given()
    if not any(given.get(name) for name in _UI_FILES):
        home = Path(given.get("PREFECT_HOME") or "~/.prefect").expanduser()
        os.environ[_UI_FILES[0]] = str(home.absolute() / "ui")


def names_server() -> bool:
    """Return whether a server of the user's is named where Prefect reads its settings."""
    return bool(_given().get("PREFECT_API_URL"))


def _given() -> Mapping[str, str]:
    """The user's settings by their names, as Prefect ranks what it reads: the environment, `.env`, `prefect.toml` and
    `pyproject.toml` of the current folder, the active profile.
    """
    from dotenv import dotenv_values

    project = _toml(Path("pyproject.toml")).get("tool", {}).get("prefect", {})
    folder: ChainMap[str, str] = ChainMap(
        dict(os.environ),
        {name: value for name, value in dotenv_values(".env").items() if value},
        dict(_flat("PREFECT", _toml(Path("prefect.toml")))),
        dict(_flat("PREFECT", project)),
    )
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    profiles = _toml(Path(folder.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser())
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active")
    return ChainMap(*folder.maps, profiles.get("profiles", {}).get(active, {}))


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`api.url` is PREFECT_API_URL."""
    if not isinstance(value, dict):
        yield name, str(value)
        return
    for key, inner in value.items():
        yield from _flat(f"{name}_{key.upper()}", inner)

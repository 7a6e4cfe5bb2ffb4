"""Prefect as a command sets it up."""

import contextvars
import io
import os
import subprocess
from pathlib import Path

import pytest
from prefect.settings import PREFECT_TASKS_DEFAULT_RETRIES, get_current_settings, temporary_settings

from flows import prefect_settings
from tasks.stages import as_task


@pytest.mark.parametrize("own", [True, False], ids=["a server of our own", "the user's"])
def test_heartbeats_are_for_a_server_that_outlives_the_command(monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    process = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(prefect_settings, "_server", (process, "http://127.0.0.1:1/api") if own else None)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO())

    def frequency() -> int | None:
        prefect_settings.wait_for_prefect()
        return get_current_settings().flows.heartbeat_frequency

    try:
        given = get_current_settings().flows.heartbeat_frequency
        assert given
        assert contextvars.copy_context().run(frequency) == (None if own else given)
    finally:
        process.kill()
        process.wait()


URL = "http://127.0.0.1:1/api"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".env", f"PREFECT_API_URL={URL}\nPREFECT_CLIENT_MAX_RETRIES='7'\n"),
        ("prefect.toml", f'[api]\nurl = "{URL}"\n[client]\nmax_retries = 7\n'),
        ("pyproject.toml", f'[tool.prefect.api]\nurl = "{URL}"\n[tool.prefect.client]\nmax_retries = 7\n'),
        (
            "home/.prefect/profiles.toml",
            f'active = "a"\n[profiles.a]\nPREFECT_API_URL = "{URL}"\nPREFECT_CLIENT_MAX_RETRIES = "7"\n',
        ),
        (
            "prefect/profiles.toml",
            f'active = "a"\n[profiles.a]\nPREFECT_API_URL = "{URL}"\nPREFECT_CLIENT_MAX_RETRIES = "7"\n',
        ),
        ("nothing", ""),
    ],
)
def test_what_the_user_has_set_stays_wherever_prefect_reads_it(
    file: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run had a server of its own beside the one that `prefect.toml` names, and 2 retries in the place of 7."""
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    given = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    given |= {"HOME": str(tmp_path / "home")}
    given |= {"PREFECT_HOME": str(path.parent)} if path.parent.name == "prefect" else {}
    monkeypatch.setattr(os, "environ", given)
    monkeypatch.setattr(prefect_settings, "_start_server", lambda _: "ours")
    monkeypatch.chdir(tmp_path)
    assert prefect_settings.names_server() is bool(text)
    prefect_settings.configure_prefect()
    assert given.get("PREFECT_API_URL") == (None if text else "ours")
    assert given.get("PREFECT_CLIENT_MAX_RETRIES") == (None if text else "2")
    assert given["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_a_setting_in_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prefect.toml").write_text(f'[api]\nurl = "{URL}"\n')
    monkeypatch.setenv("PREFECT_API_URL", "")
    monkeypatch.chdir(tmp_path)
    assert not prefect_settings.names_server()


@pytest.mark.parametrize(
    ("file", "text", "own"),
    [
        ("nothing", "", "home/.prefect/ui"),
        (".env", "PREFECT_HOME=elsewhere\n", "elsewhere/ui"),
        (".env", "PREFECT_UI_STATIC_DIRECTORY=/theirs\n", None),
        (".env", "PREFECT_SERVER_UI_STATIC_DIRECTORY=/theirs\n", None),
        ("prefect.toml", '[server.ui]\nstatic_directory = "/theirs"\n', None),
        ("pyproject.toml", '[tool.prefect.server.ui]\nstatic_directory = "/theirs"\n', None),
        (
            "home/.prefect/profiles.toml",
            'active = "a"\n[profiles.a]\nPREFECT_UI_STATIC_DIRECTORY = "/theirs"\n',
            None,
        ),
    ],
)
def test_a_ui_has_files_of_its_own_where_the_user_names_none(
    file: str, text: str, own: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    given = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    monkeypatch.setattr(os, "environ", given | {"HOME": str(tmp_path / "home")})
    monkeypatch.chdir(tmp_path)
    prefect_settings.keep_ui_apart()
    assert os.environ.get("PREFECT_UI_STATIC_DIRECTORY") == (str(tmp_path / own) if own else None)


def test_a_stage_that_fails_is_not_tried_again() -> None:
    """By the profile's default it was, in a run that had ended: the stage that failed stood as cancelled."""
    with temporary_settings({PREFECT_TASKS_DEFAULT_RETRIES: 2}):
        assert as_task("verify", lambda _: 0, "q").retries == 0

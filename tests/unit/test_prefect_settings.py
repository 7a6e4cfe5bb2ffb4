"""Prefect as a command sets it up."""

import contextvars
import io
import subprocess

import pytest
from prefect.settings import get_current_settings

from flows import prefect_settings


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

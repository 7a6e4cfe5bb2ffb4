"""A Prefect server that is away for a while, as Prefect's own client meets it: it answers 503, or does not listen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.deployments.runner import DeploymentApplyError
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_CLIENT_MAX_RETRIES,
    temporary_settings,
)

from flows import patience
from flows.patience import heard
from flows.prefect_settings import PrefectUnavailable


@contextmanager
def server(statuses: list[int]) -> Iterator[str]:
    """One that answers with these, and the last of them for ever."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            body = json.dumps([] if status == 200 else {"detail": "away"}).encode()
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/api"
        listening.shutdown()


def pools() -> int:
    with get_client(sync_client=True) as client:
        return len(client.read_work_pools())


def wrapped() -> int:
    """As `RunnerDeployment.apply` tells of an error."""
    try:
        return pools()
    except Exception as error:
        raise DeploymentApplyError("away") from error


def at(url: str) -> Any:
    at_once = {PREFECT_CLIENT_MAX_RETRIES: 0, PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False}
    return temporary_settings({PREFECT_API_URL: url, **at_once})


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)


@pytest.mark.parametrize("call", [pools, wrapped])
@pytest.mark.parametrize(
    ("statuses", "patience_s", "lines", "error"),
    [
        ([200], 5.0, 0, None),
        ([503, 502, 503, 200], 30.0, 1, None),  # regression: `deploy` gave up after the client's own two
        ([503], 0.3, 1, PrefectUnavailable),
        ([422], 5.0, 0, Exception),  # what it refuses is no matter of time
    ],
)
def test_a_server_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, call: Any, statuses: list[int], patience_s: float, lines: int, error: Any
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", patience_s)
    said: list[str] = []
    with server(list(statuses)) as url, at(url):
        if error is None:
            assert heard(call, said.append) == 0
        else:
            with pytest.raises(error):
                heard(call, said.append)
    assert len(said) == lines
    assert all(line.startswith("Prefect's server does not answer (") and " s" in line for line in said), said


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 1.0)
    said: list[str] = []
    with at("http://127.0.0.1:9/api"), pytest.raises(PrefectUnavailable, match="start it, or unset PREFECT_API_URL"):
        heard(pools, said.append)
    assert len(said) == 1

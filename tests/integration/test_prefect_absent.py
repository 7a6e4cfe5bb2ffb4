"""A command whose Prefect server is named and not there."""

from pathlib import Path

from tests.conftest import Reflectory
from warehouse.landing import Warehouse

NOBODY = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}


def test_a_server_that_does_not_answer_is_named(tmp_path: Path, reflectory: Reflectory) -> None:
    """It was a bare RuntimeError of Prefect's client."""
    Warehouse(tmp_path / "w").create()
    process = reflectory("compact", "--warehouse", "w", cwd=tmp_path, **NOBODY)
    _, said = process.communicate(timeout=240)
    assert (process.returncode, len(said.splitlines())) == (1, 1), said
    assert said.startswith("reflectory: Prefect's server does not answer (Failed to reach API at http://127.0.0.1:9/")
    assert said.endswith("; start it, or unset PREFECT_API_URL for one of the command's own\n")

"""The pages of our Prefect server: files of its own, whatever other server of this installation has started since."""

import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import answers
from tests.prefect_api import free_port, prefect_server


@contextmanager
def full_server(folder: Path, environment: dict[str, str], base: str, **given: str) -> Iterator[str]:
    """The address of one whose home is in `folder` and whose pages are at `base`."""
    (folder / "home").mkdir(parents=True)
    listens = free_port()
    settings = environment | {"PREFECT_HOME": str(folder / "home"), "PREFECT_UI_SERVE_BASE": base} | given
    with prefect_server(settings, listens, "full"):
        yield f"http://127.0.0.1:{listens}"


def scripts(page: str) -> list[str]:
    with urllib.request.urlopen(page) as response:
        return re.findall(r'src="([^"]*\.js)"', response.read().decode())


@pytest.mark.slow
def test_a_server_keeps_its_page_when_another_one_starts(tmp_path: Path, environment: dict[str, str]) -> None:
    """The later one wrote its base path into the files of both: the earlier page named scripts that are not there."""
    with full_server(tmp_path / "one", environment, "/flowers") as one:
        before = scripts(f"{one}/flowers/v2/")
        with full_server(tmp_path / "two", environment, "/", PREFECT_UI_STATIC_DIRECTORY=str(tmp_path / "own")) as two:
            assert scripts(f"{two}/v2/")
        with full_server(tmp_path / "three", environment, "/") as three:
            after = scripts(f"{one}/flowers/v2/")
            assert before == after
            assert all(script.startswith("/flowers/") and answers(one + script) for script in after)
            assert all(answers(three + script) for script in scripts(f"{three}/v2/"))
    assert (tmp_path / "one/home/ui/v2/index.html").exists()
    assert (tmp_path / "own/v2/index.html").exists(), "the control: what the user has set stays"
    assert not (tmp_path / "two/home/ui").exists()

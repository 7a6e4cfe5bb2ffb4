"""A Ray that does not come up is a sentence, and what else goes wrong stays what it was."""

from typing import Any

import pytest
import ray

from schemas.errors import Refused
from tasks.ray_session import ray_session


@pytest.mark.parametrize(
    ("said", "raised"), [("The current node timed out during startup.", Refused), ("x", Exception)]
)
def test_a_machine_that_is_too_busy_is_said(
    said: str, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(**options: Any) -> None:
        raise Exception(said)

    monkeypatch.setattr(ray, "init", slow)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(Exception, match=r"too busy|^x$") as caught, ray_session(cpus=1, gpus=0):
        pass
    assert caught.type is raised

"""Why an actor did not start: what it said is the configuration's, and a loss is nobody's."""

from typing import Any

import pytest
import ray
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayActorError, RaySystemError

from schemas.errors import ActorLost, Refused
from tasks.actors.starting import started

LOST = "student: its actor was lost as it started ("
REFUSED = "student: its actor could not start: "
_SAID = "an error raised in its creation task\nNo module named 'x'"


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (ActorDiedError(), ActorLost, f"{LOST}The actor died unexpectedly before finishing this task.); the same"),
        (ActorUnavailableError("its node is gone", None), ActorLost, f"{LOST}The actor None is unavailable"),
        (RayActorError(error_msg=_SAID, actor_init_failed=True), Refused, f"{REFUSED}No module named 'x'; run.ship_"),
        (RaySystemError("no memory"), Refused, f"{REFUSED}System error: no memory"),
    ],
)
def test_an_actor_whose_node_dies_as_it_starts_is_lost_and_not_refused(
    error: Exception, raised: type[Exception], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node of a cluster was killed while the students started: exit code 2, as for a wrong configuration."""

    def get(_: Any) -> None:
        raise error

    monkeypatch.setattr(ray, "get", get)
    with pytest.raises(raised) as caught:
        started(None, "student")
    assert str(caught.value).startswith(said)

"""What is deployed: the file for `prefect deploy` says what the command does, and the chain waits for what is told."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.deployments.runner import RunnerDeployment
from prefect.events import ResourceSpecification
from prefect.events.schemas.events import Resource

from flows import events
from flows.curate import policy_name
from flows.deployments import HEARTBEAT_S, TAG, deployments
from flows.events import RELEASE_PUBLISHED, RUN_FINISHED, announce
from flows.night import Night
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.recycling import RecycleConfiguration
from tasks.curation.policy import Policy

ROOT = Path(__file__).parents[2]
HERE = Path("/srv/project")
CONFIGURATION = RunConfiguration.model_validate({"questions": {"source": "reasoning_gym"}})


def night(warehouse: Path = HERE / "data/warehouse", when: str = "0 2 * * *") -> Night:
    pairs = RecycleConfiguration.model_validate({"pairs": {"path": "p.jsonl"}})
    return Night("nightly", warehouse, CONFIGURATION, when=when, recycling=pairs)


@cache
def made() -> dict[str | None, RunnerDeployment]:
    """By entrypoint."""
    return {each.entrypoint: each for each in deployments(night())}


def shipped() -> dict[str, dict[str, Any]]:
    text = (ROOT / "deploy" / "prefect.yaml").read_text("utf-8").replace("{{ $PWD }}", str(HERE))
    return {each["entrypoint"]: each for each in yaml.safe_load(text)["deployments"]}


def test_the_shipped_file_says_what_the_command_does() -> None:
    file = shipped()
    assert list(file) == list(made())
    for entrypoint, each in made().items():
        written = file[entrypoint]
        assert (written["name"], written["tags"]) == (each.name, [TAG])
        assert set(each.parameters) >= set(written["parameters"])
        assert written["parameters"]["warehouse"] == each.parameters["warehouse"]
        assert written["work_pool"]["job_variables"]["env"] == {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S)}
        triggers = [(t.name, set(t.expect), t.match.model_dump()) for t in each.triggers]
        assert triggers == [(t["name"], set(t["expect"]), t["match"]) for t in written.get("triggers", [])]
    schedules = {entrypoint: each["schedules"] for entrypoint, each in file.items() if "schedules" in each}
    assert schedules == {"flows.synthesize.synthesize": [{"cron": "0 2 * * *", "timezone": "UTC"}]}


@pytest.mark.parametrize(
    ("event", "labels", "warehouse", "starts"),
    [
        (RUN_FINISHED, {"flow": "synthesize", "ended": "done", "worked": "true"}, "data/warehouse", ["release"]),
        (RUN_FINISHED, {"flow": "synthesize", "ended": "done", "worked": "false"}, "data/warehouse", []),
        (RUN_FINISHED, {"flow": "synthesize", "ended": "stopped", "worked": "true"}, "data/warehouse", []),
        (RUN_FINISHED, {"flow": "recycle", "ended": "done", "worked": "true"}, "data/warehouse", []),
        (RUN_FINISHED, {"flow": "synthesize", "ended": "done", "worked": "true"}, "data/other", []),
        (RELEASE_PUBLISHED, {"name": "n"}, "data/warehouse", ["maintain"]),
        (RELEASE_PUBLISHED, {"name": "n"}, "data/other", []),
    ],
)
def test_what_follows_an_event(
    event: str, labels: dict[str, str], warehouse: str, starts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Resource] = []
    monkeypatch.setattr(events, "emit_event", lambda name, resource, payload: told.append(Resource(resource)))

    def follow() -> list[str | None]:
        announce(event, str(HERE / warehouse), {}, **labels)
        return [
            each.flow_name
            for each in made().values()
            for trigger in each.triggers
            if event in trigger.expect and ResourceSpecification(trigger.match.root).matches(told[-1])
        ]

    assert follow() == [], "what somebody runs by hand publishes nothing"
    monkeypatch.setattr(events, "_deployment", lambda: "nightly")
    assert follow() == starts


def test_each_warehouse_has_a_queue_and_alone_the_first_flow_is_served() -> None:
    queues = {night(warehouse).queue for warehouse in (HERE / "a", HERE / "b", Path("/other/a"))}
    assert len(queues) == 3
    assert [each.flow_name for each in deployments(night(), chained=False)] == ["synthesize"]


def test_a_schedule_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="--cron: got 'at night'"):
        deployments(night(when="at night"))


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, "default"),
        ({"policy": None}, "default"),
        ({"policy": Policy(name="strict")}, "strict"),
        ({"policy": {"name": "strict"}}, "strict"),
        ({"policy": {"seed": 3}}, "default"),
        ({"policy": {}}, "default"),
    ],
)
def test_a_run_is_named_after_its_policy_also_where_that_has_the_name_of_all(
    parameters: dict[str, Any], name: str
) -> None:
    """`prefect deployment run curate/nightly -p policy='{"seed": 3}'` ended with a KeyError."""
    assert policy_name(parameters) == name

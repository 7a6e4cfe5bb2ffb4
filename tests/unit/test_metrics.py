"""The figures of a run: what lands is counted, a scrape reads them, and the shipped dashboard asks for nothing else."""

import json
import re
import socket
import urllib.request
from pathlib import Path
from threading import Event

import pytest

from schemas.call import CallEnd, Usage
from schemas.errors import Refused
from schemas.until import Until
from schemas.verdict import Ruling
from tasks.asking.state import TeacherState
from tasks.metrics import measured
from tasks.shards import ShardPipeline
from tests.unit.test_warehouse import call, trace, verdict
from warehouse.landing import Warehouse

ROOT = Path(__file__).parents[2]
TOLD = {
    'reflectory_calls_total{ended="answered",model="m"}': 2.0,
    'reflectory_calls_total{ended="refused",model="m"}': 1.0,
    'reflectory_tokens_total{kind="prompt"}': 14.0,
    'reflectory_tokens_total{kind="completion"}': 6.0,
    "reflectory_cost_usd_total": 1.0,
    'reflectory_verdicts_total{reason="equal",verdict="correct"}': 2.0,
    "reflectory_scores_total": 0.0,
    'reflectory_rows_left{stage="generate"}': 1.0,
    'reflectory_rows_left{stage="verify"}': 4.0,
    "reflectory_calls_in_flight": 3.0,
    "reflectory_calls_rate_limited_total": 7.0,
}


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scrape(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_scrape_reads_what_has_landed_and_what_is_under_way(tmp_path: Path, port: int) -> None:
    warehouse = Warehouse(tmp_path / "w")
    warehouse.create()
    pipeline = ShardPipeline(warehouse, "run", Event())
    used = {"usage": Usage(prompt_tokens=7, completion_tokens=3)}
    answered = [call(n).model_copy(update=used) for n in range(2)]
    failed = call(2, CallEnd.REFUSED, cost=None).model_copy(update={"usage": Usage()})
    with measured(port, {Until.GENERATE: 4, Until.VERIFY: 4}) as figures:
        pipeline.watcher = figures
        pipeline._land("calls", [*answered, failed], "a")
        pipeline._land("traces", [trace(0), trace(1)], "a")
        pipeline._land("verdicts", [verdict(n, Ruling.CORRECT) for n in range(2)], "a")
        figures.rows(Until.GENERATE, 3)
        figures.teacher(TeacherState(in_flight=3, rate_limited=7))
        assert scrape(port) == TOLD
    with pytest.raises(OSError, match="refused"):
        scrape(port)


def test_a_port_that_is_taken_is_refused_and_none_is_opened_unless_given(port: int) -> None:
    with measured(port, {}), pytest.raises(Refused, match=f"run.metrics_port: got {port}"), measured(port, {}):
        pass
    with measured(None, {}), pytest.raises(OSError, match="refused"):
        scrape(port)


def test_the_shipped_dashboard_asks_for_every_figure_and_no_other() -> None:
    panels = json.loads((ROOT / "deploy" / "grafana.json").read_text("utf-8"))["panels"]
    asked = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"reflectory_\w+", target["expr"])
    }
    assert asked == {name.partition("{")[0] for name in TOLD}

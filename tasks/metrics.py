"""The figures of a run while it goes, by OpenTelemetry, for Prometheus to read: off unless a port is given."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from schemas.call import Call
from schemas.errors import Refused
from schemas.record import Record
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.asking.state import TeacherState
from tasks.extras import check_extras
from tasks.watcher import Watcher

Labels = tuple[tuple[str, str], ...]


@dataclass
class Figures(Watcher):
    """What has landed in this run, and what is under way. Safe to tell from several threads."""

    left: dict[str, int]
    """By stage, the rows that it has to do."""
    calls: Counter[Labels] = field(default_factory=Counter)
    tokens: Counter[Labels] = field(default_factory=Counter)
    cost_usd: float = 0.0
    """Of calls whose cost is known."""
    verdicts: Counter[Labels] = field(default_factory=Counter)
    scores: int = 0
    state: TeacherState = field(default_factory=TeacherState)
    """How far the teachers are."""
    _telling: Lock = field(default_factory=Lock)

    def landed(self, table: str, rows: Sequence[Record]) -> None:
        with self._telling:
            for row in rows:
                if isinstance(row, Call):
                    self._call(row)
                elif isinstance(row, Verdict):
                    self.verdicts[("verdict", row.verdict), ("reason", row.reason)] += 1
                elif isinstance(row, Score):
                    self.scores += 1

    def rows(self, stage: Any, n: int) -> None:
        with self._telling:
            self.left[stage] = max(self.left.get(stage, 0) - n, 0)

    def teacher(self, state: TeacherState) -> None:
        self.state = state

    def _call(self, call: Call) -> None:
        self.calls[("model", call.model_asked), ("ended", call.ended)] += 1
        self.tokens[(("kind", "prompt"),)] += call.usage.prompt_tokens or 0
        self.tokens[(("kind", "completion"),)] += call.usage.completion_tokens or 0
        self.cost_usd += call.cost_usd or 0.0


@contextmanager
def measured(port: int | None, totals: Mapping[Any, int]) -> Iterator[Figures]:
    """Yield figures that are told and, at a `port` of loopback, read at `/metrics`. Raises `Refused` for one that is
    taken.
    """
    figures = Figures({str(stage): total for stage, total in totals.items()})
    if port is None:
        yield figures
        return
    check_extras("run.metrics_port", "metrics")
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from opentelemetry.sdk.metrics import MeterProvider
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry()
    try:
        server, thread = start_http_server(port, "127.0.0.1", registry)
    except OSError as error:
        raise Refused(f"run.metrics_port: got {port}, which is taken ({error.strerror}); give another") from error
    reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=registry)
    provider = MeterProvider([reader], shutdown_on_exit=False)
    _instruments(provider.get_meter("reflectory"), figures)
    try:
        yield figures
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        provider.shutdown()


def _instruments(meter: Any, figures: Figures) -> None:
    """Read at the moment of a scrape: nothing is done between two of them."""
    from opentelemetry.metrics import Observation

    def observing(read: Callable[[], Iterable[tuple[float, Labels]]]) -> list[Callable[..., Iterable[Observation]]]:
        return [lambda _: [Observation(value, dict(labels)) for value, labels in read()]]

    def counted(counts: Counter[Labels]) -> list[tuple[float, Labels]]:
        return [(n, labels) for labels, n in list(counts.items())]

    counter, gauge = meter.create_observable_counter, meter.create_observable_gauge
    counter("reflectory.calls", observing(lambda: counted(figures.calls)), description="Calls that have ended")
    counter("reflectory.tokens", observing(lambda: counted(figures.tokens)), description="As the endpoint counted them")
    counter("reflectory.cost.usd", observing(lambda: [(figures.cost_usd, ())]), description="Of calls of known cost")
    counter("reflectory.verdicts", observing(lambda: counted(figures.verdicts)), description="Verdicts by reason")
    counter("reflectory.scores", observing(lambda: [(figures.scores, ())]), description="Scores by the student")
    gauge("reflectory.rows.left", observing(lambda: _by_stage(figures)), description="Rows that a stage has to do")
    gauge("reflectory.calls.in_flight", observing(lambda: [(figures.state.in_flight, ())]), description="Calls sent")
    counter(
        "reflectory.calls.rate_limited",
        observing(lambda: [(figures.state.rate_limited, ())]),
        description="Answers of the endpoint that asked to come later (429)",
    )


def _by_stage(figures: Figures) -> list[tuple[float, Labels]]:
    return [(n, (("stage", stage),)) for stage, n in list(figures.left.items())]

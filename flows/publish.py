"""The flow `release`: what a policy keeps of a warehouse, as a data set that never changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from time import monotonic

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from flows.artifact import publish_release
from flows.configure import with_prompt_texts
from flows.curate import policy_name
from flows.events import RELEASE_PUBLISHED, announce
from flows.quiet_exit import quiet_flow_run
from flows.release import DEFAULT_FORMATS, Released, ReleaseOrder, curate_and_release, releases_beside
from flows.watch import current_flow_run
from schemas.errors import Refused
from schemas.release_format import ReleaseFormat, Split
from schemas.section import Reference
from tasks.curation.policy import Policy
from tasks.publishing.conversations import TEACHERS
from tasks.publishing.hub import Hub
from tasks.secret import secret
from warehouse.landing import Warehouse

_NOW = "{now}"


def _with_time(name: str) -> str:
    due = flow_run.get_scheduled_start_time()
    return name.replace(_NOW, f"{due.astimezone(UTC):%Y%m%dT%H%M%S}")


def _named() -> str:
    given = flow_run.get_parameters()
    return f"{_with_time(given['name'])} by {policy_name(given)}"


@flow(name="release", flow_run_name=_named, persist_result=False)
def release(
    name: str = f"nightly-{_NOW}",
    policy: Policy | None = None,
    warehouse: str = "data/warehouse",
    formats: tuple[ReleaseFormat, ...] = DEFAULT_FORMATS,
    splits: dict[Split, float] | None = None,
    best_of: int | None = None,
    system: str = TEACHERS,
    template: str | None = None,
    special_tokens: str | None = None,
    out: str | None = None,
    push: str | None = None,
    token: Reference = "env:HF_TOKEN",
) -> Released:
    """Curate by `policy`, write and land what it keeps, and make its report.

    Args:
        name: of the release; `{now}` in it becomes the time in UTC for which the run was due.
        policy: named, ordered rules; without one, correct and well-formed traces, each once.
        warehouse: folder of the tables.
        formats: what is written beside chat.
        splits: share of the questions by split; without it all are to train on.
        best_of: samples of a question that `best_of_n` chooses among.
        system: the system message: teacher, none, or a text.
        template: tokenizer folder whose chat template must keep all.
        special_tokens: tokenizer folder to give the six tags to.
        out: folder of releases; by default beside the warehouse.
        push: data set of the Hugging Face hub, such as me/traces.
        token: reference to the hub's token.
    """
    quiet_flow_run()
    opened, log = Warehouse(Path(warehouse)), get_run_logger()
    if not opened.exists():
        raise Refused(f"warehouse: none at {warehouse}; run a configuration first, or name another folder")
    hub = Hub(secret("token", token or "").get_secret_value()) if push else None
    order = ReleaseOrder(
        name=_with_time(name),
        root=Path(out) if out else releases_beside(opened),
        formats=formats,
        system=system,
        template=Path(template) if template else None,
        special_tokens=Path(special_tokens) if special_tokens else None,
        splits=splits,
        best_of=best_of,
    )

    @contextmanager
    def step(what: str) -> Iterator[None]:
        began = monotonic()
        yield
        log.info("%s: %.1f s", what, monotonic() - began)

    released = curate_and_release(opened, with_prompt_texts(policy or Policy()), order, step)
    if released.curated.warning:
        log.warning("%s", released.curated.warning)
    if hub and push:
        log.info("pushed: %s", hub.push(order.folder, push, order.name, released.made.release.content_hash))
    publish_release(opened, released, current_flow_run())
    if released.made.is_new:
        kept, folder = released.curated.curation.kept, str(order.folder)
        announce(RELEASE_PUBLISHED, opened.address, {"folder": folder, "kept": kept}, name=order.name)
    return released

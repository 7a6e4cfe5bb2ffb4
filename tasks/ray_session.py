"""Ray for one run: the cluster that RAY_ADDRESS names, or a local one that nobody outside this machine can reach."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any

import ray
from ray._private import node, ray_constants, services, utils, worker
from ray._raylet import GcsClient  # type: ignore[attr-defined]
from ray.exceptions import AuthenticationError, RayActorError, RayError

from schemas.errors import ActorLost, Refused
from tasks.installed_code import package_folders

_CONNECT_S = 10.0
_MOST_SAID = 300
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
_QUIET = {"logging_level": "error", "log_to_driver": False}


@contextmanager
def ray_session(cpus: int, gpus: float, ship_code: bool = False) -> Iterator[None]:
    """Hold Ray for one run: the cluster that RAY_ADDRESS names, else a local one with at least `cpus` logical CPUs.

    A cluster's workers import their own installation of this package, or with `ship_code` this process's files. Of what
    Ray has to say, standard error gets the first sentence, once. Puts back the SIGTERM handler that `ray.init`
    replaces, and `ray.shutdown` takes away. Raises `Refused` for a cluster that is not there or wants another token,
    and where this machine has fewer than `gpus` GPUs: Ray would wait for one to appear, as a growing cluster may bring
    it. Raises it, too, where a local one does not start in time. Raises `ActorLost` for one that nothing inside has
    made up for.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    handler = signal.getsignal(signal.SIGTERM)
    if given := os.environ.get("RAY_ADDRESS", "").removeprefix("local"):
        with _on_loopback() if check_cluster(given) else nullcontext():
            ray.init(**_QUIET, runtime_env={"py_modules": package_folders()} if ship_code else None)
    else:
        os.environ.setdefault(
            "RAY_task_events_report_interval_ms", "0"
        )  # nobody lists them, and they are kept for good
        with _on_loopback(), _for_this_machine_only():
            _start_here(max(cpus, os.cpu_count() or 1))
    local_gpus = ray.cluster_resources().get("GPU", 0)
    if not given and local_gpus < gpus:
        ray.shutdown()
        raise Refused(
            f"student.num_gpus: {gpus:g} in all, but this machine has {local_gpus:g}; set 0 to score on the CPU"
        )
    _hear_sigterm(handler)
    try:
        with _replaced(worker, "print_to_stdstream", _first_sentence()):
            yield
    except RayActorError as error:
        raise ActorLost(
            f"an actor is lost, maybe with its node or Ray's head ({_first_line(error)}); the same command continues"
        ) from error
    finally:
        ray.shutdown()
        _hear_sigterm(handler)  # else SIGTERM kills at once (findings/ray_shutdown_drops_sigterm.sh)


def _hear_sigterm(handler: Any) -> None:
    with suppress(ValueError):  # not the main thread: then Ray could not replace it either
        signal.signal(signal.SIGTERM, handler)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:_MOST_SAID]


def _start_here(cpus: int) -> None:
    """Raises `Refused` where Ray's node does not come up in the 30 s that Ray gives it; its error is an `Exception`."""
    try:
        ray.init(address="local", num_cpus=cpus, include_dashboard=False, **_QUIET)
    except Exception as error:
        if "timed out during startup" not in str(error):
            raise
        ray.shutdown()
        raise Refused(
            "Ray did not start within the 30 s that it gives itself; this machine is too busy, or lets this user have"
            " too few processes (`ulimit -u`); try again"
        ) from error


def check_cluster(address: str) -> bool:
    """Return whether the Ray at `host:port` is on loopback. Raises `Refused` where none answers, or not with the token
    at hand; `ray.init` takes minutes to say so, in pages.
    """
    if "://" in address:
        raise Refused(
            f"RAY_ADDRESS: got {address!r}; needs the host:port of Ray's head: a run's teachers are on its own machine,"
            " which is no node for a client of Ray's"
        )
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return False
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_S).close()
        with _hushed():
            nodes = GcsClient(address=address).get_all_node_info(timeout=_CONNECT_S).values()
    except OSError as error:
        raise Refused(
            f"RAY_ADDRESS: nobody listens at {address} ({error.strerror or error}); start the cluster, or unset it for"
            " a Ray of the run's own"
        ) from error
    except AuthenticationError as error:
        raise Refused(
            f"RAY_ADDRESS: the cluster at {address} wants its token; export RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or"
            " RAY_AUTH_TOKEN_PATH with the token that it was started with"
        ) from error
    except RayError as error:
        raise Refused(f"RAY_ADDRESS: what listens at {address} does not answer as Ray does ({error})") from error
    return any(each.node_manager_address == "127.0.0.1" for each in nodes)


def where() -> str:
    """Return what Ray has, for a person. Inside `ray_session`."""
    resources = ray.cluster_resources()
    return f"{len(ray.nodes())} node(s), {resources.get('CPU', 0):g} CPUs, {resources.get('GPU', 0):g} GPUs"


def address() -> str:
    """Return what RAY_ADDRESS is to be for another process that joins in. Inside `ray_session`."""
    return str(ray.get_runtime_context().gcs_address)


@contextmanager
def _on_loopback() -> Iterator[None]:
    """Ray's address of this machine is 127.0.0.1, as on macOS. It else finds one by a socket to a public resolver, and
    listens on every interface.
    """
    given = os.environ.get(_LOOPBACK)
    os.environ[_LOOPBACK] = "0"  # for the processes that it starts, and this one has read it
    try:
        with _replaced(ray_constants, "ENABLE_RAY_CLUSTER", False):
            yield
    finally:
        os.environ.pop(_LOOPBACK)
        if given is not None:
            os.environ[_LOOPBACK] = given


@contextmanager
def _for_this_machine_only() -> Iterator[None]:
    """What `ray.init` starts inside asks no cloud who it is, and hears no signal that is meant for our process group.
    Nor is there a process that would grow the cluster, or one that sends the workers' output to the driver; and Ray's
    agent has the least of its parts, be more installed.

    There is no setting for any: even without a dashboard one asks three clouds' metadata servers, for statistics that
    are off.
    """
    apart = partial(services.ConsolePopen, process_group=0)
    with (
        _replaced(node.Node, "start_api_server", _no_dashboard),
        _replaced(node.Node, "start_monitor", _nothing),
        _replaced(node.Node, "start_log_monitor", _nothing),
        _replaced(utils, "get_dashboard_dependency_error", lambda: ImportError("no dashboard")),
        _replaced(services, "ConsolePopen", apart),
    ):
        yield


@contextmanager
def _hushed() -> Iterator[None]:
    """Ray's C++ writes warnings to standard error, beside the exception that says the same."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _first_sentence() -> Callable[..., None]:
    """In place of what prints Ray's messages: a node's death comes with the last 20 lines of its log."""
    warned: set[str] = set()

    def tell(data: Any, **_: Any) -> None:
        sentence = " ".join(map(str, data["lines"])).strip().partition(". ")[0].partition("\n")[0]
        if sentence not in warned:
            warned.add(sentence)
            print(f"ray: {sentence[:_MOST_SAID]}", file=sys.stderr)

    return tell


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _nothing(self: Any) -> None:
    pass


def _no_dashboard(self: Any, **_: Any) -> None:
    self._webui_url = ""

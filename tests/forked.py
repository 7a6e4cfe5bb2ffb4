"""The command line without its imports: a process that has made them forks one that goes on as `python -m flows`.

    python -m tests.forked SOCKET [libraries]

They are three processor seconds of a small run, about as much as its own work. A forked command has an id, a folder,
pipes and an end of its own, like one that `subprocess.Popen` starts; its environment is that of the server, and what is
read of it after the imports can be said. With `libraries` a command imports this project anew, as it has to where it
reads another `PYTHONPATH` meanwhile, and only what others wrote is there already.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

_IMPORTED = (
    *("flows.cli.main", "flows.cli.run", "flows.cli.sql", "flows.cli.curate", "flows.cli.release", "flows.cli.recycle"),
    *("flows.execution", "flows.synthesize", "flows.recycle", "flows.ending", "tasks.asking.teacher"),
    *("tasks.judging.verifiers.number", "tasks.tracing.single_pass", "warehouse.delta_package", "warehouse.row_hash"),
    *("deltalake", "fastapi.encoders", "pandas", "pyarrow.json", "pyarrow.pandas_compat"),
    *("anyio._backends._asyncio", "prefect.flow_engine", "prefect.task_engine", "prefect.utilities.visualization"),
    *("ray", "ray._common.usage.usage_lib", "ray._private.arrow_serialization", "ray.dag.compiled_dag_node"),
    *("openai", "rich._emoji_codes", "typer._adapters"),
)
"""What most commands of the tests import, be it late: pandas by the first column that pyarrow makes, fastapi by the
first flow that Prefect calls, ray.dag by the first actor."""
_OURS = ("flows", "reflectory", "schemas", "tasks", "warehouse")


class Forked:
    """A command that was forked: the part of `subprocess.Popen` that tests use."""

    def __init__(
        self,
        server: Path,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str] = MappingProxyType({}),
        module: str = "flows",
    ) -> None:
        """Have the command line, or another module, or a program after `-c`, started by who listens at `server`."""
        out, its_out = os.pipe()
        err, its_err = os.pipe()
        self.stdout, self.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(err, encoding="utf-8")
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._told.connect(str(server))
        socket.send_fds(
            self._told, [json.dumps([dict(environment), str(cwd), module, *arguments]).encode()], [its_out, its_err]
        )
        os.close(its_out)
        os.close(its_err)
        self.pid = int(self._told.recv(16))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended, negative for a signal. Raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            self._told.settimeout(timeout)
            try:
                self.returncode = int(self._told.recv(16))
            except (TimeoutError, BlockingIOError) as error:
                raise subprocess.TimeoutExpired("reflectory", timeout or 0) from error
        return self.returncode

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return all that it writes on its standard output and standard error, once it has ended."""
        with ThreadPoolExecutor(2) as pool:
            reading = [pool.submit(pipe.read) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            out, err = (each.result() for each in reading)
        return out, err

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def serve(path: str, libraries: str = "") -> None:
    """Fork a command for each connection, until standard input closes. Says so in a line once it listens."""
    from flows.prefect_settings import configure_prefect

    configure_prefect()
    for module in _IMPORTED:
        import_module(module)
    if libraries:
        for module in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
            sys.modules.pop(module)
    gc.freeze()  # else each command goes through all of it again, in the end above all
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(path)
    listening.listen()
    print("listening", flush=True)
    running: dict[int, tuple[int, socket.socket]] = {}
    while sys.stdin not in (ready := select.select([listening, sys.stdin, *running], [], [])[0]):
        for pidfd in running.keys() & ready:
            pid, asking = running.pop(pidfd)
            with asking, suppress(BrokenPipeError):
                asking.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            os.close(pidfd)
        if listening in ready:
            asking, _ = listening.accept()
            asked, pipes, _, _ = socket.recv_fds(asking, 2**20, 2)
            if not (pid := os.fork()):
                _become(json.loads(asked), pipes)
            for pipe in pipes:
                os.close(pipe)
            asking.send(b"%d" % pid)
            running[os.pidfd_open(pid)] = pid, asking
    os._exit(0)  # what is frozen would be told of as leaks


def _become(asked: Sequence[Any], pipes: Sequence[int]) -> NoReturn:
    environment, cwd, module, *arguments = asked
    os.environ.update(environment)
    for number, pipe in enumerate((os.open(os.devnull, os.O_RDONLY), *pipes)):
        os.dup2(pipe, number)
        os.close(pipe)
    os.chdir(cwd)
    sys.path[:0] = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path not in ["", *sys.path]]
    sys.argv = [module, *arguments]
    if module == "-c":
        program, *sys.argv[1:] = arguments
        exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    serve(*sys.argv[1:])

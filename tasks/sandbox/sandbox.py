"""The judge's side of the sandbox: starts the zygote, proves it, and has it start and end snippets."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from tasks.sandbox import check, frames
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.frames import Message
from tasks.sandbox.snippet import End, Snippet, SnippetEnded, ready

START_S = 30.0
"""For the zygote to import and confine itself, on a busy machine."""
_ROOT = Path(__file__).parents[2]
_START = (
    "import os, sys; os.register_at_fork = lambda **_: None; sys.path.insert(0, sys.argv.pop(1)); "
    "from tasks.sandbox import zygote; zygote.main()"
)
"""What modules of the library do in every fork (new random seeds, new locks) a snippet does without: it costs half of
the fork, has one thread, and is to answer alike every time."""
_SEEN = "/proc/self/fd/{}"
"""How a folder is called in the zygote, which is to know no path: interpreter, checkout and packages included."""
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "LD_BIND_NOW": "1",
    "TZ": "UTC0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""All of it; the hash seed so that two runs order sets alike. The zygote forgets it before any snippet."""


class SandboxUnavailable(Exception):
    """This machine cannot confine a snippet; nothing was executed."""


class Sandbox:
    """Starts snippets. Its zygote starts when the first one is wanted, and is proved first (`tasks.sandbox.check`).

    Usable from one thread at a time; several snippets may be alive at once.
    """

    def __init__(self, limits: ResourceLimits = ResourceLimits(), packages: Sequence[str] = ()) -> None:  # noqa: B008 - immutable
        """`packages`, such as numpy, are imported beforehand from where this process would import them."""
        self.limits, self._packages = limits, packages
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._unavailable: str | None = None

    @property
    def zygote(self) -> int | None:
        """Its process id, while there is one."""
        return self._zygote.pid if self._zygote else None

    def start(self) -> Snippet:
        """Return a new snippet, to be used in a `with`. Raises `SandboxUnavailable`, always, once the first attempt
        did.
        """
        if self._unavailable is None and (self._zygote is None or self._zygote.poll() is not None):
            self.close()
            try:
                self._start_zygote()
                self._prove()
            except SandboxUnavailable as error:
                self._unavailable = str(error)
                self.close()
        if self._unavailable is not None:
            raise SandboxUnavailable(self._unavailable)
        return self._snippet()

    def close(self) -> None:
        """End the zygote, and with it every snippet. Idempotent; a later `start` starts another."""
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            try:
                self._zygote.wait(1.0)
            except subprocess.TimeoutExpired:
                self._zygote.kill()
                self._zygote.wait()
        self._zygote = self._control = None

    def _start_zygote(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ExitStack() as stack:
            stack.enter_context(theirs)

            def opened(folder: str | Path) -> int:
                descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
                stack.callback(os.close, descriptor)
                return descriptor

            root, *python = opened(_ROOT), opened(sys.base_prefix), opened(sys.base_exec_prefix)
            packages = {name: opened(_folder(name)) for name in self._packages}
            settings = {"limits": self.limits, "packages": {name: _SEEN.format(at) for name, at in packages.items()}}
            # not that of a virtual environment, which often lies in the checkout
            base = Path(getattr(sys, "_base_executable", sys.executable))
            self._zygote = subprocess.Popen(
                ["python", "-S", "-s", "-P", "-c", _START, _SEEN.format(root), json.dumps(settings)],
                executable=(base if base.exists() else Path(sys.executable)).resolve(),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT | {"PYTHONHOME": ":".join(map(_SEEN.format, python))},
                pass_fds=[root, *python, *packages.values()],
                cwd="/",
                start_new_session=True,
            )
        reply = self._answer(START_S)
        if "ready" not in reply:
            raise SandboxUnavailable(
                reply.get("unavailable", "the process that snippets are forked from did not start")
            )

    def _prove(self) -> None:
        try:
            refusal = check.refusal(self._snippet, self.limits)
        except SnippetEnded as error:
            refusal = f"the self-check did not end: {error}"
        except OSError as error:
            refusal = f"the self-check needs a folder for temporary files: {error}"
        if refusal:
            raise SandboxUnavailable(refusal)

    def _snippet(self) -> Snippet:
        ours, theirs = socket.socketpair()
        assert self._control is not None
        with theirs:
            try:
                socket.send_fds(self._control, [b"{}"], [theirs.fileno()])
            except OSError:  # the zygote is gone
                started = Message()
            else:
                started = self._answer(START_S)
        if "process" not in started:
            ours.close()
            raise SnippetEnded(End.KILLED, started.get("error", "the process that snippets are forked from is gone"))
        return Snippet(ours, started["process"], self._end, self.limits)

    def _end(self, process: int, wait: bool) -> Message:
        """Has it killed; how it had ended, if that is waited for."""
        if self._control is None:
            return {}
        try:
            self._control.send(f"{'end' if wait else 'drop'} {process}".encode())
        except OSError:
            return {}
        return self._answer(START_S) if wait else {}

    def _answer(self, timeout_s: float) -> Message:
        """What the zygote replies; nothing when it is gone."""
        assert self._control is not None
        if not ready(self._control, timeout_s):
            assert self._zygote is not None
            self._zygote.kill()  # or a late reply would be taken for the next one
            return {}
        try:
            reply = self._control.recv(65536)
        except OSError:
            return {}
        return frames.unpacked(reply) if reply else {}


def _folder(package: str) -> Path:
    """That which `package` is imported from. Raises `SandboxUnavailable`."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SandboxUnavailable(f"{package} is not installed")
    return Path(found.submodule_search_locations[0]).parent

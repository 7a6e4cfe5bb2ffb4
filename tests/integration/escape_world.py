"""A world in which it is seen whether an attempt got through.

`python escape_world.py sandbox` prints {attempt: what got through, or null} for every attempt in the sandbox; `control`
does the same in a plain `python -I -S`. Standard library only, so that another user's interpreter can run it.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.sandbox import Sandbox
from tasks.sandbox.snippet import SnippetEnded
from tasks.sandbox.values import encode
from tests.integration.escape_attempt import Attempt
from tests.integration.escapes import ATTEMPTS

LIMITS = ResourceLimits(cpu_s=1, memory_bytes=400 * 2**20, idle_s=0.4, wall_s=20.0)
CONTROL_S = {"lives": 0.5}
"""How long an attempt gets in the control, where not 5 s."""
ROOT = str(Path(__file__).parents[2])
PLACES = [ROOT, *([sys.base_prefix] if len(Path(sys.base_prefix).parts) > 3 else [])]
"""The checkout, and where Python lies, if not where it always does."""
SECRET = "sk-planted-in-the-environment"


class World:
    """A folder, listeners and a process for an attempt to get at. Nothing but the sandbox protects them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sockets = {
            "tcp": socket.create_server(("127.0.0.1", 0)),
            "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "unix": socket.socket(socket.AF_UNIX),
            "abstract": socket.socket(socket.AF_UNIX),
        }
        self.sockets["udp"].bind(("127.0.0.1", 0))
        self.sockets["unix"].bind(str(folder / "socket"))
        self.sockets["abstract"].bind(f"\0reflectory-{os.getpid()}")
        for name in ("unix", "abstract"):
            self.sockets[name].listen()
        self.set_up()

    def set_up(self) -> None:
        for path in (self.folder / "new", self.folder / "test_it.py"):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        (self.folder / "test_it.py").write_text("assert answer() == 42")
        (self.folder / "part-0.parquet").write_text("PAR1")
        (self.folder / "host_package.py").write_text("KEY = 1")
        with contextlib.suppress(FileExistsError):
            (self.folder / "link").symlink_to("/etc/passwd")
        self.victim = subprocess.Popen(["sleep", "100"])
        self.before = self._state()

    def _state(self) -> Any:
        test = self.folder / "test_it.py"
        status = test.stat() if test.exists() else None
        return (
            sorted(path.name for path in self.folder.iterdir()),
            status and (test.read_text(), status.st_mode, status.st_mtime, status.st_nlink),
        )

    def touched(self) -> str | None:
        """What an attempt changed; everything is then as before."""
        heard = [name for name, listener in self.sockets.items() if _hears(listener)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.victim.wait(0.005)
        killed = self.victim.returncode is not None
        changed = self._state() != self.before
        if changed or killed:
            self.victim.kill()
            self.victim.wait()
            self.set_up()
        return ", ".join([*heard, *["the folder"] * changed, *["the victim"] * killed]) or None

    def target(self, sandboxed: bool, zygote: int = 0) -> dict[str, Any]:
        """What an attempt is told. In the control, what it would do without limit it does a little of."""
        return {
            "folder": str(self.folder),
            "shm": f"/dev/shm/reflectory-{os.getpid()}",
            "places": [place[::-1] for place in PLACES],  # not to be found where it is looked for
            "host": [os.uname().nodename, os.uname().release],
            "user": os.getuid(),
            "group": os.getgid(),
            "zygote": zygote,
            "judge": os.getpid(),
            "victim": self.victim.pid,
            "tcp": self.sockets["tcp"].getsockname()[1],
            "udp": self.sockets["udp"].getsockname()[1],
            "unix": str(self.folder / "socket"),
            "abstract": f"reflectory-{os.getpid()}",
            "bomb": bomb(),
            "channel": 3 if sandboxed else 0,
            "megabytes": 300 if sandboxed else 8,
            "memory": 3 * 2**30 if sandboxed else 600 * 2**20,
            "many": 200 if sandboxed else 5,
        }

    def close(self) -> None:
        self.victim.kill()
        self.victim.wait()
        for listener in self.sockets.values():
            listener.close()


@cache
def bomb(mebibytes: int = 300) -> str:
    """Made when it is told of: the tests import this file, and tell nobody."""
    packer, piece = zlib.compressobj(1), bytes(2**20)
    packed = b"".join(packer.compress(piece) for _ in range(mebibytes)) + packer.flush()
    return zlib.compress(packed).hex()


def _hears(listener: socket.socket) -> bool:
    listener.settimeout(0.001)
    try:
        if listener.type == socket.SOCK_DGRAM:
            return bool(listener.recv(9))
        connection, _ = listener.accept()
    except TimeoutError:
        return False
    with connection:
        return True


def in_sandbox(sandbox: Sandbox, attempt: Attempt, world: World) -> str | None:
    """What got through. The sandbox has to serve the next snippet as if nothing had been."""
    through = None
    try:
        with sandbox.start() as snippet:
            answer = attempt.source
            loaded = snippet.ask({"do": "load", "prompt": "", "answer": answer, "entry_point": "attempt"})
            assert "loaded" in loaded, loaded
            arguments = encode((world.target(sandboxed=True, zygote=sandbox.zygote or 0),))
            reply = snippet.ask({"do": "calls", "first": 0, "calls": [[arguments, encode({})]]})
        if attempt.seen == "returned" and reply.get("value"):
            through = f"returned {str(reply['value'])[:60]}"
        if attempt.seen == "lives" and "value" in reply:
            through = "ended by itself"
    except SnippetEnded as ended:
        if attempt.seen == "lives" and ended.end not in ("too_slow", "too_large", "gone", "bad_frame"):
            through = str(ended)
    return through or world.touched() or _poisoned(sandbox)


def _poisoned(sandbox: Sandbox) -> str | None:
    canary = "import json\ndef canary(n):\n    print(n)\n    return json.dumps([len('abc'), n])"
    with sandbox.start() as snippet:
        snippet.ask({"do": "load", "prompt": "", "answer": canary, "entry_point": "canary"})
        reply = snippet.ask({"do": "calls", "first": 1, "calls": [[encode((7,)), encode({})]]})
    return None if reply == {"case": 1, "value": "[3, 7]"} else f"the next snippet answered {reply}"


def in_plain_python(attempt: Attempt, world: World) -> str | None:
    """The control: the same in a process of its own, with nothing but caps against accidents."""
    code = f"{attempt.source}\nprint('\\n' + str(bool(attempt({world.target(sandboxed=False)!r}))).lower())"
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_cap,
        cwd=world.folder,
    ) as process:
        through = None
        try:
            out, _ = process.communicate(timeout=CONTROL_S.get(attempt.seen, 5.0))
            if attempt.seen == "returned" and out.endswith(b"true\n"):
                through = "returned"
            if attempt.seen == "lives" and len(out) > 32 * 2**20:
                through = f"{len(out)} bytes of output"
        except subprocess.TimeoutExpired:
            through = "still running" if attempt.seen == "lives" else None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return through or world.touched()


def _cap() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 2**20, 16 * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))


@contextlib.contextmanager
def world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="reflectory-"))
    made = World(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


def main(mode: str) -> None:
    os.environ["OPENAI_API_KEY"] = SECRET
    results: dict[str, str | None] = {}
    sandbox = Sandbox(LIMITS)
    with world() as made, contextlib.closing(sandbox):
        for attempt in ATTEMPTS:
            through = in_sandbox(sandbox, attempt, made) if mode == "sandbox" else in_plain_python(attempt, made)
            results[attempt.name] = through
    print(json.dumps({"user": os.getuid(), "through": results}))


if __name__ == "__main__":
    main(sys.argv[1])

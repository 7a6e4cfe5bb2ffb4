"""The process that snippets are forked from. Started by a clean exec, before it could have seen any data.

Reads orders from the socket that is its standard input: a descriptor (SCM_RIGHTS) is the channel of a new snippet, a
process id is one to be ended. It answers each order once. When the socket closes it goes, and its snippets with it.
"""

import contextlib
import gc
import importlib
import json
import os
import platform
import signal
import socket
import sys
from typing import Any

from tasks.sandbox import agent, confinement, seccomp
from tasks.sandbox.confinement import Limits

PRELOADED = """
    abc argparse array ast base64 binascii bisect bz2 calendar cmath collections contextlib copy ctypes dataclasses
    datetime decimal difflib enum fractions functools graphlib hashlib heapq inspect io itertools json locale lzma math
    numbers operator pprint queue random re secrets sqlite3 statistics string struct sys textwrap threading time
    traceback types typing unicodedata unittest uuid weakref zlib zoneinfo encodings.ascii encodings.idna
    encodings.latin_1 encodings.utf_16
"""
"""Imported once, so that no snippet has to. Those that need a shared library of the system can only be had this way."""

_control = 0


def main() -> None:
    settings = json.loads(sys.argv[1])
    limits = Limits(*settings["limits"])
    control = socket.socket(fileno=_control)
    try:
        program = _prepare(settings["packages"], limits)
    except (OSError, ImportError, seccomp.UnsupportedMachine) as error:
        control.send(json.dumps({"unavailable": error.strerror if isinstance(error, OSError) else str(error)}).encode())
        return
    control.send(b'{"ready": true}')
    alive = set()
    while True:
        order, channels, _, _ = socket.recv_fds(control, 4096, 1)
        if not order:
            return
        if channels:
            reply = _fork(channels[0], limits, program)
            alive.add(reply.get("process"))
        else:
            process = json.loads(order)["end"]
            reply = _end(process) if process in alive else {}  # it may be that of an earlier zygote
            alive.discard(process)
        control.send(json.dumps(reply).encode())


def _prepare(packages: dict[str, list[str]], limits: Limits) -> bytes:
    """Everything that is done once. `packages`: the folder to import from, and then what to leave readable of it."""
    program = seccomp.assemble(platform.machine())
    del sys.path[0]  # the way here; what is left is the standard library
    sys.path_importer_cache.clear()
    for name in PRELOADED.split():
        with contextlib.suppress(ImportError):  # some are left out of some builds of Python
            importlib.import_module(name)
    for name, (folder, *_) in packages.items():
        sys.path.append(folder)
        importlib.import_module(name)
        sys.path.remove(folder)
    os.environ.clear()
    confinement.confine_zygote([path for _, *readable in packages.values() for path in readable], limits)
    agent.prepare()
    seccomp.described(program)
    gc.collect()
    gc.freeze()
    return program


def _fork(channel: int, limits: Limits, program: bytes) -> dict[str, Any]:
    zygote = os.getpid()
    try:
        process = os.fork()
    except OSError as error:
        os.close(channel)
        return {"error": str(error)}
    if process == 0:
        try:
            confinement.confine_snippet(channel, zygote, limits, program)
            agent.serve(channel)
        finally:
            os._exit(1)
    os.close(channel)
    return {"process": process}


def _end(process: int) -> dict[str, Any]:
    """Kills it if it still runs, and collects it."""
    os.kill(process, signal.SIGKILL)
    _, status, usage = os.wait4(process, 0)
    return {"status": status, "cpu_s": usage.ru_utime + usage.ru_stime}


if __name__ == "__main__":
    main()

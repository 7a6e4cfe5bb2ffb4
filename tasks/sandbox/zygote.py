"""The process that snippets are forked from. Started by a clean exec, before it could have seen any data.

Reads orders from the socket that is its standard input: a descriptor (SCM_RIGHTS) is the channel of a new snippet, and
there are `end PROCESS` and `drop PROCESS`, which is not answered; every other order is, once, with a JSON object. When
the socket closes it goes, and its snippets with it.

It is told no path: the folders that it imports from are open descriptors (`/proc/self/fd/7`), and so are they called in
all that a snippet can see of its modules.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import sysconfig
from importlib.machinery import BuiltinImporter, FrozenImporter
from typing import Any

from tasks.sandbox import agent, confinement, seccomp
from tasks.sandbox.archive import Archive, modules
from tasks.sandbox.confinement import ResourceLimits

PRELOADED = """
    abc argparse array ast base64 binascii bisect bz2 calendar cmath collections contextlib copy ctypes dataclasses
    datetime decimal difflib enum fractions functools graphlib hashlib heapq inspect io itertools json locale lzma math
    numbers operator pprint queue random re secrets sqlite3 statistics string struct sys textwrap threading time
    traceback types typing unicodedata unittest uuid weakref zlib zoneinfo encodings.ascii encodings.idna
    encodings.latin_1 encodings.utf_16 _contextvars _csv _elementtree
    _pickle _posixsubprocess fcntl pyexpat
"""
"""Imported once, so that no snippet has to. A module that is a shared object can only be had this way: it is a file.

Each of those costs every fork a little, so what nobody computes with is left out (terminals, codecs of one country).
"""
_REAP_MS = 5
"""Without orders, until those that were dropped are collected."""
_ROOM = socket.CMSG_SPACE(4)
"""For one descriptor."""

_control = 0


def main() -> None:
    settings = json.loads(sys.argv[1])
    limits = ResourceLimits(*settings["limits"])
    control = socket.socket(fileno=_control)
    try:
        program = _prepare(settings["packages"], limits)
    except (OSError, ImportError, seccomp.UnsupportedMachine) as error:
        control.send(json.dumps({"unavailable": error.strerror if isinstance(error, OSError) else str(error)}).encode())
        return
    control.send(b'{"ready": true}')
    zygote = os.getpid()
    channel = _obey(control)
    if channel is None:
        return
    try:
        confinement.confine_snippet(channel, zygote, limits, program)
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)  # or what it has not been asked yet would be its own fault
    try:
        del zygote, settings  # a snippet sees what is in its frames
        agent.serve(channel)
    finally:
        os._exit(1)


def _prepare(packages: dict[str, str], limits: ResourceLimits) -> bytes:
    """Everything that is done once. `packages`: the folder to import each from."""
    program = seccomp.assemble(os.uname().machine)
    confinement.forget_host()
    del sys.path[0]  # the way here; what is left is the standard library
    sys.path_importer_cache.clear()
    for name in PRELOADED.split():
        with contextlib.suppress(ImportError):  # some are left out of some builds of Python
            importlib.import_module(name)
    library = [(path, ()) for path in sys.path if os.path.isdir(path)]  # noqa: PTH112 - the zygote has no pathlib
    sys.path += packages.values()
    for name, path in packages.items():
        importlib.import_module(name)
        for extension in _extensions(path, name):
            importlib.import_module(extension)
    archive = Archive([*library, *((path, (name,)) for name, path in packages.items())])
    _import_from(archive)
    agent.prepare()
    agent.rehearse()
    seccomp.described(program)
    confinement.confine_zygote(limits)
    gc.collect()
    gc.freeze()
    return program


def _extensions(folder: str, package: str) -> list[str]:
    """Its modules that are shared objects, without those that only serve its own tests."""
    found = [name for name, file in modules(folder, (package,)) if file.endswith(".so")]
    return sorted(name for name in found if not name.endswith("_tests"))


def _import_from(archive: Archive) -> None:
    """From here on nothing is imported from files, and nothing says where they were."""
    vars(sys.modules["zoneinfo._common"])["load_tzdata"] = archive.open_zone
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, archive]
    sys.path.clear()
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    sys.argv, sys.orig_argv, sys.executable = [""], [""], ""
    built = sysconfig.get_config_vars()
    for name in [name for name, value in built.items() if "/" in str(value).removeprefix("/proc/self/fd/")]:
        del built[name]
    for name in [name for name in sys.modules if name.startswith("_sysconfigdata")]:
        del sys.modules[name]
    os.environ.clear()


def _obey(control: socket.socket) -> int | None:
    """Until the socket closes. In a snippet, its channel."""
    alive: set[int] = set()
    dying: set[int] = set()
    orders = select.poll()
    orders.register(control, select.POLLIN)
    while True:
        if dying and not orders.poll(_REAP_MS):
            dying = {process for process in dying if os.waitpid(process, os.WNOHANG) == (0, 0)}
            continue
        order, carried, _, _ = control.recvmsg(4096, _ROOM)
        if not order:
            return None
        if carried:
            channel = int.from_bytes(carried[0][2], sys.byteorder)
            try:
                process = os.fork()
            except OSError as error:
                control.send(json.dumps({"error": str(error)}).encode())
            else:
                if process == 0:
                    return channel
                alive.add(process)
                control.send(b'{"process": %d}' % process)
            os.close(channel)
            continue
        what, number = order.split()
        process = int(number)
        known = process in alive  # it may be that of an earlier zygote
        alive.discard(process)
        if what == b"end":
            control.send(json.dumps(_end(process) if known else {}).encode())
        elif known:
            os.kill(process, signal.SIGKILL)
            dying.add(process)


def _end(process: int) -> dict[str, Any]:
    """Kills it if it still runs, and collects it."""
    os.kill(process, signal.SIGKILL)
    _, status, usage = os.wait4(process, 0)
    return {"status": status, "cpu_s": usage.ru_utime + usage.ru_stime}


if __name__ == "__main__":
    main()

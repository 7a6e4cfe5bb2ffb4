"""Every way to change a file, from a process that may change none; and from one that may, as the control."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

WORLD = """
import ctypes, json, os, shutil, socket, subprocess, sys, tempfile
from pathlib import Path

if sys.argv[1] == "read only":
    from tasks.sandbox.read_only import read_only
folder, outer = Path(sys.argv[2]), os.getcwd()
libc = ctypes.CDLL(None, use_errno=True)

def written(mode):
    with open("full", mode) as file:
        file.write("more")

def by_descriptor(change):
    file = os.open("full", os.O_RDONLY)
    change(file)

def calls(number, *arguments):
    assert libc.syscall(number, *arguments) >= 0

def child():
    try:
        written("w")
    finally:
        os._exit(0)

TRIES = {
    "w": lambda: written("w"),
    "a": lambda: written("a"),
    "r+": lambda: written("r+"),
    "only opened": lambda: open("full", "w"),
    "new": lambda: open("new", "x"),
    "nameless": lambda: tempfile.TemporaryFile(dir=".").write(b"1"),
    "truncate": lambda: os.truncate("full", 0),
    "remove": lambda: os.remove("full"),
    "rename": lambda: os.rename("full", "other"),
    "replace": lambda: os.replace("full", "empty"),
    "link": lambda: os.link("full", "other"),
    "symlink": lambda: os.symlink("full", "other"),
    "mkdir": lambda: os.mkdir("other"),
    "rmdir": lambda: os.rmdir("folder"),
    "rmtree": lambda: shutil.rmtree("folder"),
    "mkfifo": lambda: os.mkfifo("other"),
    "socket": lambda: socket.socket(socket.AF_UNIX).bind("other"),
    "chmod": lambda: os.chmod("full", 0o600),
    "fchmod": lambda: by_descriptor(lambda file: os.fchmod(file, 0o600)),
    "utime": lambda: os.utime("full", (1, 1)),
    "futimens": lambda: by_descriptor(lambda file: os.utime(file, (1, 1))),
    "shell": lambda: subprocess.run("echo more > full", shell=True, check=True, stderr=subprocess.PIPE),
    "rm": lambda: subprocess.run(["rm", "full"], check=True, stderr=subprocess.PIPE),
    "thread": lambda: __import__("concurrent.futures").futures.ThreadPoolExecutor(1).submit(written, "w").result(),
    "fork": lambda: os.waitpid(os.fork() or child(), 0),
}
if os.uname().machine == "x86_64":
    TRIES |= {
        "sys_open": lambda: calls(2, b"full", os.O_WRONLY | os.O_TRUNC, 0),
        "sys_creat": lambda: calls(85, b"full", 0o600),
        "sys_truncate": lambda: calls(76, b"full", 0),
        "sys_rename": lambda: calls(82, b"full", b"other"),
        "sys_openat2": lambda: calls(437, -100, b"full", (ctypes.c_uint64 * 3)(os.O_WRONLY | os.O_TRUNC, 0, 0), 24),
    }

def state():
    found = [(path, path.lstat()) for path in sorted(Path().rglob("*"))]
    whole = [(str(path), path.is_file() and path.read_text()) for path, _ in found]
    return whole, [(of.st_mode, of.st_size, of.st_mtime_ns) for _, of in found]

def before():
    os.chdir(outer)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.chdir(folder)
    Path("full").write_text("text")
    Path("full").chmod(0o644)
    Path("empty").touch()
    Path("folder").mkdir()

def changes(attempt):
    was = state()
    try:
        attempt()
    except BaseException:
        pass
    return state() != was

if sys.argv[1] == "read only":
    before()
    read_only()
    told = {name: changes(attempt) for name, attempt in TRIES.items()}
    told["read"] = [Path("full").read_text(), subprocess.run(["cat", "full"], capture_output=True, text=True).stdout]
else:
    told = {name: (before(), changes(attempt))[1] for name, attempt in TRIES.items() if name != "nameless"}
print(json.dumps(told))
"""


@pytest.mark.parametrize("mode", ["read only", "as it is"])
def test_a_read_only_process_changes_no_file(mode: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORLD, mode, str(tmp_path / "world")]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    if mode == "read only":
        assert told.pop("read") == ["text", "text"]
    assert [name for name, changed in told.items() if changed != (mode == "as it is")] == []

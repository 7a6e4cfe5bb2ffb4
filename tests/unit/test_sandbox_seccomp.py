"""The system call filter, run by a small interpreter of its own: one machine tests the programs of all."""

import errno
import os
import struct
from collections.abc import Callable

import pytest

from tasks.sandbox import read_only
from tasks.sandbox.seccomp import MACHINES, SYSCALLS, UnsupportedMachine, assemble

ENOSYS = 0x50000 | errno.ENOSYS
ALLOW, EPERM, ENOTTY, KILL = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOTTY, 0x80000000
NUMBERS = {
    # name: x86_64, aarch64 (asm/unistd_64.h, asm-generic/unistd.h)
    "read": (0, 63),
    "mmap": (9, 222),
    "exit_group": (231, 94),
    "openat": (257, 56),
    "ioctl": (16, 29),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "sendmsg": (46, 211),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "fcntl": (72, 25),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "seccomp": (317, 277),
    "unshare": (272, 97),
    "mount": (165, 40),
    "setuid": (105, 146),
    "capset": (126, 91),
    "openat2": (437, 437),
    "memfd_create": (319, 279),
    "truncate": (76, 45),
    "unlinkat": (263, 35),
    "renameat2": (316, 276),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "pidfd_send_signal": (424, 424),
    "perf_event_open": (298, 241),
    "newfstatat": (262, 79),
    "fstat": (5, 80),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlinkat": (267, 78),
    "getxattr": (191, 8),
    "listxattr": (194, 11),
    "getdents64": (217, 61),
    "chdir": (80, 49),
    "inotify_add_watch": (254, 27),
    "name_to_handle_at": (303, 264),
    "uname": (63, 160),
    "getuid": (102, 174),
    "getgroups": (115, 158),
    "getresuid": (118, 148),
    "getppid": (110, 173),
    "sysinfo": (99, 179),
    "getsockopt": (55, 209),
}
HARMLESS = {"read": ALLOW, "mmap": ALLOW, "exit_group": ALLOW, "ioctl": ENOTTY}


def run(program: bytes, machine: str, number: int, *arguments: int) -> int:
    """What the filter returns for a system call (linux/filter.h: loads, jumps and returns are all it uses)."""
    arguments = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, MACHINES[machine][1], 0, *arguments)
    steps = [struct.unpack_from("<HBBI", program, 8 * index) for index in range(len(program) // 8)]
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            compare = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}
            holds = compare[code]
            at += if_true if holds else if_false


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_not_harmless_is_denied(machine: str, name: str) -> None:
    assert run(assemble(machine), machine, NUMBERS[name][MACHINES[machine][0]]) == HARMLESS.get(name, EPERM)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_other_number_is_denied(machine: str) -> None:
    column = MACHINES[machine][0]
    program = assemble(machine)
    named = {numbers[column] for numbers in SYSCALLS.values()} | {NUMBERS["ioctl"][column]}
    allowed = {number for number in range(600) if run(program, machine, number) != EPERM}
    assert allowed <= named
    assert run(program, machine, 0x40000000) == EPERM  # the same call in the x32 numbering


@pytest.mark.parametrize("made", [assemble, read_only.assemble])
def test_another_architecture_s_call_ends_the_process(made: Callable[[str], bytes]) -> None:
    """32-bit calls have other numbers: 41 is `socket` here and `dup` there."""
    assert run(made("x86_64"), "aarch64", 63) == KILL
    assert run(made("aarch64"), "x86_64", 0) == KILL


@pytest.mark.parametrize("made", [assemble, read_only.assemble])
def test_a_machine_without_a_table_is_refused(made: Callable[[str], bytes]) -> None:
    with pytest.raises(UnsupportedMachine, match="riscv64"):
        made("riscv64")


READ_ONLY = {
    # of NUMBERS; all others are allowed
    **dict.fromkeys(
        ("openat2", "truncate", "unlinkat", "renameat2", "mount", "io_uring_setup", "bpf", "ptrace"), EPERM
    ),
    "userfaultfd": ALLOW,
    "ioctl": ENOTTY,
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_read_only_process_is_denied_what_changes_files(machine: str, name: str) -> None:
    program = read_only.assemble(machine)
    assert run(program, machine, NUMBERS[name][MACHINES[machine][0]]) == READ_ONLY.get(name, ALLOW)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (os.O_RDONLY, ALLOW),
        (os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW, ALLOW),
        (os.O_WRONLY, EPERM),
        (os.O_RDWR, EPERM),
        (os.O_CREAT, EPERM),
        (os.O_TRUNC, EPERM),
        (os.O_TMPFILE | os.O_RDWR, EPERM),
        (os.O_WRONLY | 1 << 40, EPERM),
    ],
)
def test_a_read_only_process_opens_files_to_read(machine: str, flags: int, says: int) -> None:
    program, column = read_only.assemble(machine), MACHINES[machine][0]
    for *numbers, place in read_only.OPENS.values():
        if (number := numbers[column]) is not None:
            assert run(program, machine, number, *[os.O_RDWR] * place, flags, os.O_RDWR) == says


@pytest.mark.parametrize("machine", MACHINES)
def test_a_read_only_process_knows_no_newer_calls(machine: str) -> None:
    """Such as fchmodat2 and setxattrat, and the x32 numbering."""
    program = read_only.assemble(machine)
    assert {run(program, machine, number) for number in (452, 463, 469, 0x40000000, 0xFFFFFFFF)} == {ENOSYS}

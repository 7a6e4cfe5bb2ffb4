"""A limit on this process's own processor time, kept by the kernel.

Not by RLIMIT_CPU or ITIMER_PROF: for these Linux counts the clock ticks at which a process is found running, which on
a machine where others sleep and wake is more often than it runs. Measured beside two of them, a limit of 5 s came
after 2.7 (Linux 6.18). A POSIX timer of CLOCK_PROCESS_CPUTIME_ID counts what a process ran (timer_create(2)).
"""

import ctypes
import os
import signal

_CLOCK_PROCESS_CPUTIME_ID = 2


class _TimeSpan(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _TimeSpan), ("first", _TimeSpan))


class _Event(ctypes.Structure):
    """struct sigevent, 64 bytes; `notify` 0 is SIGEV_SIGNAL."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_char * 48),
    )


class CpuTimer:
    """Sends this process a signal once it has run for so long. A fork has none of its parent's."""

    def __init__(self, signal_number: int) -> None:
        """Raises `OSError` where the system has no such timer, or gives no more."""
        self._timer = ctypes.c_void_p()
        event = _Event(signal=signal_number)
        _call("timer_create", _CLOCK_PROCESS_CPUTIME_ID, ctypes.byref(event), ctypes.byref(self._timer))

    def arm(self, seconds: float) -> None:
        """Count from now on; 0 stops it."""
        whole = int(seconds)
        first = _TimeSpan(whole, int((seconds - whole) * 1e9))
        _call("timer_settime", self._timer, 0, ctypes.byref(_Setting(first=first)), None)


class ProfilingTimer:
    """The same by ITIMER_PROF, which every system has; on a busy one it sends SIGPROF too early."""

    def arm(self, seconds: float) -> None:
        """Count from now on; 0 stops it."""
        signal.setitimer(signal.ITIMER_PROF, seconds)


def cpu_timer() -> CpuTimer | ProfilingTimer:
    """Return what sends SIGPROF to this process; the better one, where the system has it."""
    try:
        return CpuTimer(signal.SIGPROF)
    except OSError:
        return ProfilingTimer()


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name, None) is None:
        raise OSError(f"{name} is not in this system's C library")
    if getattr(_libc, name)(*arguments):
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _library() -> ctypes.CDLL:
    """The C library, which has them since glibc 2.34, or else librt."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "timer_create"):
        try:
            return ctypes.CDLL("librt.so.1", use_errno=True)
        except OSError:
            pass
    return library


_libc = _library()

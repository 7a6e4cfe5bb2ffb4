"""Ways for a command to end that are not success, each with its exit code. One positional message: they cross Ray."""


class ReflectoryError(Exception):
    """Ends a command with `exit_code` and its message; a traceback only with `--debug`."""

    exit_code = 1


class Refused(ReflectoryError):
    """The request cannot be started: configuration, arguments, unreadable input."""

    exit_code = 2


class BudgetReached(ReflectoryError):
    """Stopped at the budget; the same command with a higher one continues."""

    exit_code = 3


class Incomplete(ReflectoryError):
    """Some calls failed for now and have no answer yet; the same command continues."""


class AllRefused(ReflectoryError):
    """The endpoint refused every call of the run, each for good."""


class BooksDoNotBalance(ReflectoryError):
    """A row was lost or doubled."""

    exit_code = 4


class DiskTrouble(ReflectoryError):
    """The disk took something no more: full, read-only, failing."""


class PlaceGone(DiskTrouble):
    """What was written to is there no more."""


class Broken(ReflectoryError):
    """What would have been refused before the start stands in the way of a run that has begun."""


class LeaseLost(Broken):
    """Another process has become the writer of the warehouse."""


class Stopped(ReflectoryError):
    """Stopped by the user; the same command continues."""

    exit_code = 5


class ActorLost(ReflectoryError):
    """A process of Ray's is gone that the work needs; the same command continues."""


class TeacherUnavailable(ReflectoryError):
    """The endpoint refuses every call (wrong key, no such model): going on would fail every row alike."""

"""Regular expressions that are compiled once they are asked for: most commands import hundreds, and use none."""

import re
from typing import Any, cast


class _LatePattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Called for what is asked for the first time."""
        if name == "_given":  # of a copy that is being made
            raise AttributeError(name)
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found


def late_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern, as `re.compile` does, at the first use. Its matches have another `re`, and no function of `re`
    takes it.
    """
    return cast("re.Pattern[str]", _LatePattern(pattern, flags))

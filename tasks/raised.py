"""What code of an outside package raised, and at which of its lines."""

import sys
from pathlib import Path
from traceback import walk_tb

from tasks.sandbox.errors import described


def raised(error: BaseException, module: str) -> str:
    """Say what was raised and where: by the last line of `module` that took part, else by the last of all."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    own = getattr(sys.modules.get(module), "__file__", None)
    file, line = ([place for place in places if place[0] == own] or places)[-1]
    return f"{described(error)} ({Path(file).name}, line {line})"

"""What draws plots, left out of the import of a library that is asked for none: it is half of reasoning-gym's time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_PLOTS = ("matplotlib", "matplotlib.pyplot", "matplotlib.animation", "matplotlib.collections")
_AXES = ("mpl_toolkits", "mpl_toolkits.mplot3d")


class _Nothing(ModuleType):
    """A module of which every name is None."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


@contextmanager
def without_plots() -> Iterator[None]:
    """Import matplotlib as nothing, by the modules that cellpylib 2.4 imports of it, unless it is there already."""
    absent = {name: _Nothing(name) for name in (*_PLOTS, *_AXES) if name not in sys.modules}
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]

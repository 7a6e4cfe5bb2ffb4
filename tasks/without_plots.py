"""What draws plots, left out of the import of a library that is asked for none: it is half of reasoning-gym's time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_PLOTS = ("matplotlib", "matplotlib.pyplot", "matplotlib.animation", "matplotlib.collections")
_AXES = ("mpl_toolkits", "mpl_toolkits.mplot3d")


@contextmanager
def without_plots() -> Iterator[None]:
    """Import matplotlib as nothing, by names that cellpylib 2.4 has of it, unless it is there already."""
    absent = {name: ModuleType(name) for name in (*_PLOTS, *_AXES) if name not in sys.modules}
    for module in absent.values():
        vars(module)["Axes3D"] = None
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]

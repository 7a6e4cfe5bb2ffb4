"""Before and after as a picture: what recycling did to lengths, IFD and r-IFD."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from schemas.errors import Refused

PANELS = {
    "n_instruction_tokens": "instruction, tokens",
    "n_response_tokens": "response, tokens",
    "ifd": "IFD",
    "rifd": "r-IFD",
}
"""Columns of the view `pairs_full`, and how an axis calls them."""
BINS = 24
MOSTLY = 0.97
"""Share of the values that have bins of their own: a few very large ones would leave the others no room."""
FORMATS = (".png", ".svg", ".pdf")

Numbers = Mapping[str, Sequence[float]]
"""By column, the values that are not NULL."""


def check_plot(path: Path) -> None:
    """Raise `Refused` where no plot can be written."""
    if path.suffix not in FORMATS:
        raise Refused(f"--plot: got {path.name}; needs a name that ends with {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise Refused(f"--plot: got {path}, but there is no folder {path.parent}; make it first")


def draw(before: Numbers, after: Numbers) -> Figure:
    """Return a histogram for each column, of the originals and of what was chosen, over the same bins."""
    figure = Figure(figsize=(9, 6), layout="constrained")
    for axes, (column, name) in zip(figure.subplots(2, 2).flat, PANELS.items(), strict=True):
        everything = sorted([*before[column], *after[column]]) or [0.0, 1.0]
        most = everything[int(MOSTLY * (len(everything) - 1))]
        values = [[min(value, most) for value in side[column]] for side in (before, after)]
        axes.hist(values, bins=BINS, range=(everything[0], most), label=["original", "chosen"])
        axes.set_xlabel(f"{name} (the last bar: this and more)")
        axes.set_ylabel("pairs")
    figure.axes[0].legend()
    return figure

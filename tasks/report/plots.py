"""The plots of the page: matplotlib's SVG, made fit to stand in a page that allows no style but its own. Pure.

The same rows give the same bytes. Colours become classes of style.css, so that a plot is dark where the page is. Labels
are names of ours (rules, reasons, effects), and are drawn as plain ASCII whatever they are.
"""

import io
import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, SOFT, KEPT, DROPPED = "#010101", "#020202", "#030303", "#040404"
_ROLES = {INK: "ink", SOFT: "soft", KEPT: "kept", DROPPED: "dropped"}
"""Colours that say which class a shape gets."""
_SETTINGS = {
    "svg.hashsalt": "reflectory",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
}
_LABEL = 32
"""Characters of one."""
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_PRESENTED = (
    "fill",
    "stroke",
    "stroke-width",
    "opacity",
    "fill-opacity",
    "stroke-dasharray",
    "text-anchor",
    "font-size",
)
"""Properties that stay, as attributes."""


def bars_plot(name: str, title: str, bars: Sequence[tuple[str, int]], colour: str) -> Markup:
    """Return a bar with its count for each label, the first on top."""
    figure, axes = _drawing(height=0.5 + 0.28 * max(len(bars), 5))
    with mpl.rc_context(_SETTINGS):
        drawn = axes.barh(range(len(bars)), [n for _, n in bars], color=colour, height=0.66)
        axes.bar_label(drawn, [f"{n:,}" for _, n in bars], padding=3, color=INK)
        axes.set_yticks(range(len(bars)), [re.sub(r"[^ -~]", "?", label)[:_LABEL] for label, _ in bars])
        axes.set_ylim(max(len(bars), 5) - 0.5, -0.5)
        axes.set_xticks([])
        axes.margins(x=0.14)
        axes.spines["bottom"].set_visible(False)
        return _svg(figure, name, title)


def histogram_plot(name: str, label: str, rows: Sequence[tuple[float, float, int, int, int]], bins: int) -> Markup:
    """Kept against dropped, each as shares of its own; `rows` as the query `histogram` gives them."""
    figure, axes = _drawing(height=2.3)
    low, high = rows[0][0], rows[0][1]
    width = (high - low) / bins or 1.0
    edges = [low + width * n for n in range(bins + 1)]
    with mpl.rc_context(_SETTINGS):
        for place, (fate, colour) in enumerate((("kept", KEPT), ("dropped", DROPPED))):
            counts = [0] * bins
            for _, _, at, *by_fate in rows:
                counts[at] += by_fate[place]
            if total := sum(counts):
                shares = [100 * n / total for n in counts]
                axes.stairs(shares, edges, fill=True, color=colour, alpha=0.3)
                axes.stairs(shares, edges, color=colour, linewidth=1.4, label=f"{fate} ({total:,})")
        axes.set_xlabel(f"{label}; an end bar holds all beyond it, too")
        axes.set_ylabel("% of each")
        axes.margins(x=0)
        axes.legend(loc="best")
        return _svg(figure, name, f"{label}, kept against dropped")


def _drawing(height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(4.9, height), layout="tight")
        return figure, figure.add_subplot()


def _svg(figure: Figure, name: str, title: str) -> Markup:
    out = io.StringIO()
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None})
    drawn = ElementTree.fromstring(out.getvalue())
    ids = {old: f"{name}-{n}" for n, old in enumerate(_referred(drawn))}
    root = _cleaned(drawn, ids)
    root.attrib = {"viewBox": drawn.attrib["viewBox"], "role": "img", "aria-label": title, "class": "plot"}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _referred(drawn: ElementTree.Element) -> Iterator[str]:
    """The ids that something in the drawing refers to, each once."""
    found: dict[str, None] = {}
    for element in drawn.iter():
        found |= dict.fromkeys(re.findall(r"#(\w+)\)", element.get("clip-path", "")))
        if reference := element.get(_HREF):
            found[reference.removeprefix("#")] = None
    return iter(found)


def _cleaned(element: ElementTree.Element, ids: dict[str, str]) -> ElementTree.Element:
    """A copy without namespaces, metadata, style sheets and idle ids, its styles as classes and attributes."""
    clean = ElementTree.Element(element.tag.removeprefix(_SVG))
    classes = []
    for key, value in element.attrib.items():
        if key == "style":
            classes = _present(clean, value)
        elif key == "id":
            clean.attrib |= {"id": ids[value]} if value in ids else {}
        elif key == _HREF:
            clean.set("href", "#" + ids[value.removeprefix("#")])
        else:
            clean.set(key, re.sub(r"#(\w+)\)", lambda match: f"#{ids[match[1]]})", value))
    if classes:
        clean.set("class", " ".join(classes))
    clean.text, clean.tail = element.text, element.tail
    clean.extend(_cleaned(child, ids) for child in element if child.tag not in (f"{_SVG}metadata", f"{_SVG}style"))
    return clean


def _present(clean: ElementTree.Element, style: str) -> list[str]:
    """Set what a style says as attributes; returns the classes for its colours."""
    classes = []
    declared = dict(part.split(":", 1) for part in style.split(";") if ":" in part)
    for key, value in ((key.strip(), value.strip()) for key, value in declared.items()):
        if value in _ROLES:
            classes.append(f"{key}-{_ROLES[value]}")
        elif key in _PRESENTED:
            clean.set(key, value)
    return classes

"""Pictures: a map for who made it, and one of aggregate figures that may be shown."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

import sharematch as sm
from benchmarks.toronto import LICENSE
from benchmarks.toronto.study import RADII, Study
from sharematch import plots
from sharematch.io.geo.shapes import Shape

__all__ = ["draw"]

# Low income first looks like fair here.
_COLORS = {"fair": "#0f6b6b", "efficient": "#c0641f"}


def draw(found: Study, shapes: Mapping[str, Shape], folder: Path) -> list[Path]:
    """Draw the map, the Lorenz curves and the overview; return their files."""
    figures = {
        "map.svg": _map(found, shapes),
        "lorenz.svg": _lorenz(found),
        "toronto.svg": _overview(found),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.text(0, -0.02, LICENSE, fontsize=6, va="top")
        with mpl.rc_context({"svg.hashsalt": "sharematch", "svg.fonttype": "none"}):
            figure.savefig(folder / name, metadata={"Date": None}, bbox_inches="tight")
    return [folder / name for name in figures]


def _map(found: Study, shapes: Mapping[str, Shape]) -> Figure:
    """Draw each neighborhood's share served, by own places, sharing, fair sharing."""
    figure = Figure(figsize=(12, 3.4), layout="constrained")
    chosen = {
        "own places only": (0, "fair"),
        "within 5 km, least travel": (5, "efficient"),
        "within 5 km, fair": (5, "fair"),
    }
    places = [f.location for f in _hosts(found) if f.location is not None]
    axes = figure.subplots(1, len(chosen))
    colored = []
    for ax, (title, key) in zip(axes, chosen.items(), strict=True):
        rates = found.rates(*key)
        colored.append(_color(ax, shapes, rates))
        x, y = zip(*((float(a), float(b)) for a, b in places), strict=True)
        ax.plot(x, y, ".", color="#333333", markersize=2)
        ax.set_title(title, fontsize=10)
        ax.set_aspect(1.38)  # a degree of latitude is so much longer here
        ax.set_axis_off()
    bar = figure.colorbar(colored[-1], ax=axes, shrink=0.8, format=PercentFormatter(1))
    bar.set_label("share of requests served")
    return figure


def _hosts(found: Study) -> list[sm.Facility]:
    hosts = {slot.facility for slot in found.instance.slots}
    return [f for f in found.instance.facilities if f.id in hosts]


def _color(
    ax: Axes, shapes: Mapping[str, Shape], rates: Mapping[str, Fraction]
) -> PolyCollection:
    rings = [(ring, rates[name]) for name, s in shapes.items() for ring in s.rings]
    colored = PolyCollection(
        [ring for ring, _ in rings],
        array=[float(rate) for _, rate in rings],
        cmap="BuGn",
        edgecolors="#888888",
        linewidths=0.3,
    )
    colored.set_clim(0, 1)
    ax.add_collection(colored)
    ax.autoscale_view()
    return colored


def _lorenz(found: Study) -> Figure:
    figure = Figure(figsize=(5, 5), layout="constrained")
    names = ("own places only", "within 5 km, least travel", "within 5 km, fair")
    keys = ((0, "fair"), (5, "efficient"), (5, "fair"))
    plans = [found.plans[key] for key in keys]
    plots.lorenz_curve(*plans, names=names, ax=figure.add_subplot())
    return figure


def _overview(found: Study) -> Figure:
    """Draw who gets nothing, and how far they travel, by radius and policy."""
    rows = found.figures()["plans"]
    figure = Figure(figsize=(8, 3), layout="constrained")
    wanted = {
        "served_nothing": (1, "neighborhoods with nothing"),
        "meters_each": (1000, "km traveled by each served"),
    }
    axes = figure.subplots(1, len(wanted))
    for ax, (key, (unit, title)) in zip(axes, wanted.items(), strict=True):
        for policy, color in _COLORS.items():
            values = [row[key] / unit for row in rows if row["policy"] == policy]
            ax.plot(RADII, values, marker=".", color=color, label=policy)
        ax.set_xticks(RADII, ["own", *(f"{r} km" for r in RADII[1:])])
        ax.set_ylim(0)
        ax.set_title(title, fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False)
    return figure

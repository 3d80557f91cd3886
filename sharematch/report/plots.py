"""Figures of plans, on axes of matplotlib: ``pip install 'sharematch[plot]'``.

Each function draws on the axes it is given, or makes a figure of its own, and returns
the axes. pyplot is not touched: no window, no current figure, nothing to close.
Records are shown by their names; axes and legends speak the language asked for.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sharematch.analysis.comparison.frontier import Frontier
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.errors import InputError
from sharematch.io.graph import lending
from sharematch.model.arguments import typed
from sharematch.model.extras import install
from sharematch.model.instance import Instance
from sharematch.model.wording import measure_text, policy_name_said
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.report.words import check_language
from sharematch.text import Text, say, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["fill_rates", "frontier", "lending_matrix", "lorenz_curve"]

AFTER, BEFORE, LINE = "#0f6b6b", "#a7b1b3", "#c0641f"


@instance_first
@typed
def fill_rates(
    result: Result,
    before: Result | None = None,
    *,
    by: str = "community",
    lang: str = "en",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the share of its demand that each group is served, worst-off first.

    Parameters
    ----------
    before
        Another plan of the same instance, such as one of own places only.
    by
        A group of needs: community, area, kind, person or group.
    lang
        "en" or "zh".

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.scenario.old_town()
    >>> alone = sm.solve(town, sm.Policy.own_only())
    >>> ax = fill_rates(sm.solve(town), alone)
    >>> len(ax.get_yticklabels())
    8
    """
    check_language(lang)
    rows = sorted(_rows(result, by), key=lambda row: (row["fill_rate"], str(row["id"])))
    names = [str(row["id"]) for row in rows]
    ax = _axes(ax, height=1.2 + 0.36 * len(rows))
    place = np.arange(len(rows))[::-1]
    after = [float(row["fill_rate"]) for row in rows]
    ax.barh(place + 0.12, after, 0.42, color=AFTER, label=_name(result, lang, "after"))
    if before is not None:
        known = {str(row["id"]): float(row["fill_rate"]) for row in _rows(before, by)}
        if known.keys() != set(names):
            raise InputError("ask.the_two_plans_are_of_different")
        rates = [known[name] for name in names]
        name = _name(before, lang, "before")
        ax.barh(place - 0.22, rates, 0.22, color=BEFORE, label=name)
        ax.legend(frameon=False, loc="lower right")
    label = labels(result.columns)
    ax.set_yticks(place, [label(by, name) for name in names])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(_percent())
    ax.set_xlabel(say("figure.fill_rate", lang))
    return _readable(_plain(ax))


@instance_first
@typed
def lorenz_curve(
    *results: Result,
    names: Sequence[str] | None = None,
    lang: str = "en",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how evenly plans serve: demand from the worst-off up, and its share served.

    Communities stand in the order of their fill rates; along the dashed line all would
    be served alike (Lorenz 1905).

    Parameters
    ----------
    names
        What the plans are called; what their policies are called if left out.
    lang
        "en" or "zh".

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> len(lorenz_curve(result).lines)
    2
    """
    check_language(lang)
    if not results:
        raise InputError("ask.nothing_to_draw_no_result_is")
    ax = _axes(ax, height=5.0, width=5.0)
    ax.plot([0, 1], [0, 1], color=BEFORE, linestyle="--")
    for i, result in enumerate(results):
        demand, served = np.array(_ascending(result), np.float64).reshape(-1, 2).T
        x, y = (np.concatenate(([0], np.cumsum(part))) for part in (demand, served))
        name = _name(result, lang, "plan", n=i + 1) if names is None else names[i]
        ax.plot(x / max(x[-1], 1), y / max(y[-1], 1), marker=".", label=name)
    ax.set_xlabel(say("figure.demand_so_far", lang))
    ax.set_ylabel(say("figure.served_so_far", lang))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(_percent())
    ax.legend(frameon=False, loc="upper left")
    return _readable(_plain(ax))


@typed
def lending_matrix(
    instance: Instance, result: Result, *, lang: str = "en", ax: "Axes | None" = None
) -> "Axes":
    """Draw units by lender and borrower; in the diagonal what stays at home.

    Parameters
    ----------
    lang
        "en" or "zh".

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> len(lending_matrix(town, result).images)
    1
    """
    check_language(lang)
    lent: list[tuple[str, str, int]] = list(
        lending(instance, result).edges(data="units")
    )
    names = sorted({name for host, home, _ in lent for name in (host, home)})
    row_of = {name: i for i, name in enumerate(names)}
    units = np.zeros((len(names), len(names)), np.int64)
    for host, home, count in lent:
        units[row_of[host], row_of[home]] += count
    side = 2.0 + 0.5 * len(names)
    ax = _axes(ax, height=side, width=side)
    ax.imshow(units, cmap="BuGn", vmin=0)
    half = units.max(initial=0) / 2
    for i, j in np.argwhere(units > 0).tolist():
        color = "white" if units[i, j] > half else "black"
        ax.text(j, i, f"{units[i, j]:,}", ha="center", va="center", color=color)
    label = labels(encode(instance))
    shown = [label("community", name) for name in names]
    ax.set_xticks(range(len(names)), shown, rotation=45, ha="right")
    ax.set_yticks(range(len(names)), shown)
    ax.set_xlabel(say("figure.borrower", lang))
    ax.set_ylabel(say("figure.lender", lang))
    return _readable(ax)


@typed
def frontier(points: Frontier, *, lang: str = "en", ax: "Axes | None" = None) -> "Axes":
    """Draw what each step of fairness costs: from the cheapest plan to the fairest.

    Parameters
    ----------
    lang
        "en" or "zh".

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> points = sm.comparison.frontier(town, points=2)
    >>> len(frontier(points).lines)
    1
    """
    check_language(lang)
    ax = _axes(ax)
    spent = [float(point.spent) for point in points.points]
    least = [float(point.rates[0]) if point.rates else 0.0 for point in points.points]
    ax.plot(spent, least, color=LINE, marker="o", drawstyle="steps-post")
    ax.set_xlabel(measure_text(points.measure, lang))
    group = Text(f"group.{points.by}", n=1)
    ax.set_ylabel(say("figure.least_fill_rate", lang, group=group))
    ax.yaxis.set_major_formatter(_percent())
    return _readable(_plain(ax))


def _rows(result: Result, by: str) -> list[dict[str, Any]]:
    rows = [dict(row) for row in result.by(by) if row.get("demand")]
    if not rows:
        raise InputError("ask.nothing_to_draw_no_asks_for", group=Text(f"record.{by}"))
    return rows


def _ascending(result: Result) -> list[tuple[int, int]]:
    rows = sorted(_rows(result, "community"), key=lambda r: r["served"] / r["demand"])
    return [(row["demand"], row["served"]) for row in rows]


def _name(result: Result, lang: str, other: str, **values: object) -> str:
    if name := result.policy.name:
        return str(told(policy_name_said(name), lang))
    return say(f"figure.{other}", lang, **values)


def _axes(ax: "Axes | None", *, height: float = 4.0, width: float = 7.0) -> "Axes":
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra, if asked)
    except ImportError:
        about = {"package": "matplotlib", "hint": install("plot")}
        raise InputError("ask.is_not_installed", **about) from None
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def _percent() -> Any:
    from matplotlib.ticker import PercentFormatter  # noqa: PLC0415 (an extra)

    return PercentFormatter(1)


def _plain(ax: "Axes") -> "Axes":
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax


CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "DengXian", "SimHei"),
    *(
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
        "Noto Sans CJK JP",
        "Arial Unicode MS",
    ),
)
"""Fonts with Chinese characters, the first one that is installed is taken."""


def _readable(ax: "Axes") -> "Axes":
    """Let texts fall back on a font that has what theirs lacks, if one is installed."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 (an extra)
    from matplotlib.text import Text as Drawn  # noqa: PLC0415 (an extra)

    installed = set(fontManager.get_font_names())
    further = next((name for name in CHINESE if name in installed), None)
    for drawn in ax.findobj(Drawn):
        families = drawn.get_fontfamily()
        if further is not None and further not in families:
            drawn.set_fontfamily([*families, further])
    return ax

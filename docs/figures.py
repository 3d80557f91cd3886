"""The pictures that every build draws: how plans differ, and one of each example."""

import contextlib
import io
import runpy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib as mpl

mpl.use("svg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sharematch as sm
from sharematch.engine import solving as engine

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
COLORS = ("#9aa5b1", "#e0a458", "#2a6f97", "#6a994e")
MOST_BARS, MOST_PLANS = 24, 4


@dataclass(frozen=True)
class Plan:
    """What a figure shows of one result: its policy and each community's fill rate."""

    name: str
    rates: dict[str, Any]


def plan_of(result: sm.Result) -> Plan:
    """Return what a figure shows of a result."""
    name = result.policy.name or result.provenance.get("text", "")
    rows = result.by("community").rows
    rates: dict[str, Any] = {
        str(row["id"]): row["fill_rate"] for row in rows if row["demand"]
    }
    return Plan(name if len(name) < 60 else f"{name[:57]}…", rates)


def draw_rates(ax: Axes, plans: list[Plan]) -> None:
    """Draw the fill rates of communities under some plans, lowest of the last first."""
    order = sorted(plans[-1].rates, key=lambda key: plans[-1].rates[key])[:MOST_BARS]
    width = 0.8 / len(plans)
    for i, plan in enumerate(plans):
        at = [x + (i - (len(plans) - 1) / 2) * width for x in range(len(order))]
        height = [100 * float(plan.rates.get(key, 0)) for key in order]
        ax.bar(at, height, width, label=plan.name, color=COLORS[i % len(COLORS)])
    is_crowded = len(order) > 8
    ax.set_xticks(range(len(order)), order, rotation=90 if is_crowded else 0)
    ax.set_ylim(0, 100)
    ax.set_ylabel("served, % of what was asked")
    ax.spines[["top", "right"]].set_visible(False)
    if len(plans) > 1:
        ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1))


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG, the same bytes for the same figure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "sharematch"}):
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def three_plans() -> Figure:
    """Draw first come, most served and leximin for ten asked, two asked, six places."""
    town = sm.Instance(
        communities=[sm.Community(id="Tianfeng"), sm.Community(id="Lianqiao")],
        facilities=[sm.Facility(id="station", community="Tianfeng")],
        slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=6)],
        needs=[
            sm.Need(
                id="t",
                community="Tianfeng",
                kind="health",
                quantity=10,
                since="2026-01-01",
            ),
            sm.Need(
                id="l",
                community="Lianqiao",
                kind="health",
                quantity=2,
                since="2026-02-01",
            ),
        ],
    )
    figure = Figure(figsize=(7, 2.6))
    axes = figure.subplots(1, 3, sharey=True)
    most = sm.Policy(
        goals=[
            sm.Maximize("served"),
            sm.Maximize("served", where={"community": "Lianqiao"}),
        ]
    )
    plans = (
        ("First come", sm.Policy.first_come()),
        ("Most served, Lianqiao filled", most),
        ("Worst off first", sm.Policy.fair()),
    )
    for ax, (title, policy) in zip(axes, plans, strict=True):
        rates = plan_of(sm.solve(town, policy)).rates
        bars = ax.bar(
            list(rates), [100 * float(x) for x in rates.values()], 0.6, color=COLORS[2]
        )
        ax.bar_label(bars, [f"{float(x):.0%}" for x in rates.values()])
        ax.set_title(title, fontsize=10)
        ax.set_ylim(0, 115)
        ax.set_yticks([0, 50, 100])
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("served, %")
    return figure


@contextlib.contextmanager
def recorded() -> Iterator[list[tuple[Any, sm.Result]]]:
    """Yield the instances and results of all solves inside."""
    found: list[tuple[Any, sm.Result]] = []
    solve = engine.solve

    def keep(instance: Any, *args: Any, **options: Any) -> sm.Result:
        result = solve(instance, *args, **options)
        found.append((instance, result))
        return result

    with (
        patch.object(engine, "solve", keep),
        patch.object(sm, "solve", keep, create=True),
    ):
        yield found


def example(name: str) -> Figure | None:
    """Draw the last instance an example solves, under the policies it tries."""
    path = str(ROOT / "examples" / f"{name}.py")
    alone = patch.object(sys, "argv", [path])  # not with the arguments of the build
    with recorded() as found, contextlib.redirect_stdout(io.StringIO()), alone:
        runpy.run_path(path, run_name="__main__")
    plans: dict[str, Plan] = {}
    for instance, result in found:
        if instance is found[-1][0] and len(result.allocation):
            plan = plan_of(result)
            plans[plan.name] = plan
    if not plans:
        return None
    figure = Figure(figsize=(7, 3))
    draw_rates(figure.subplots(), list(plans.values())[-MOST_PLANS:])
    return figure


def write(examples: list[str]) -> None:
    """Draw all pictures that are not there yet."""
    if not (path := IMAGES / "three_plans.svg").exists():
        save(three_plans(), path)
    for name in examples:
        path = IMAGES / "gallery" / f"{name}.svg"
        source = ROOT / "examples" / f"{name}.py"
        if path.exists() and path.stat().st_mtime > source.stat().st_mtime:
            continue
        if (figure := example(name)) is not None:
            save(figure, path)

"""The pictures that every build draws: how plans differ, and one of each example."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sharematch as sm
from tests.example_runs import EXAMPLES, ExampleRun, run

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
COLORS = ("#9aa5b1", "#e0a458", "#2a6f97", "#6a994e")
MAP_COLORS = (COLORS[1], COLORS[2], "white", "black")
MOST_BARS, MOST_UPRIGHT, MOST_PLANS, MOST_SHAPES = 24, 8, 4, 200


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
    is_crowded = len(order) > MOST_UPRIGHT
    ax.set_xticks(range(len(order)), order, rotation=90 if is_crowded else 0)
    ax.set_ylim(0, 100)
    ax.set_ylabel("given, % of what is asked for")
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


def draw_units(ax: Axes, result: sm.Result) -> None:
    """Draw what each community asks for, and in it what it gets under one plan."""
    rows = sorted(result.by("community").rows, key=lambda row: row["fill_rate"])
    rows = [row for row in rows if row["demand"]][:MOST_BARS]
    names = [str(row["id"]) for row in rows]
    ax.bar(names, [row["demand"] for row in rows], 0.7, color=COLORS[0], label="asked")
    ax.bar(names, [row["served"] for row in rows], 0.7, color=COLORS[2], label="given")
    ax.tick_params(axis="x", rotation=90 if len(rows) > MOST_UPRIGHT else 0)
    ax.set_ylabel("places")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def draw_map(ax: Axes, town: sm.Instance, result: sm.Result) -> None:
    """Draw people at their addresses, served or not, and places in use or not."""
    places = {f.id: f.location for f in town.facilities if f.location is not None}
    facility = {slot.id: slot.facility for slot in town.slots}
    used = {facility[a.slot] for a in result.allocation}
    unmet = {row.need for row in result.unmet}
    homes = [(n.location, n.id in unmet) for n in town.needs if n.location]
    place_size = 30 if len(places) < MOST_SHAPES else 5
    shown = (
        ("asked, got nothing", [at for at, is_left in homes if is_left], "o", 4),
        ("served", [at for at, is_left in homes if not is_left], "o", 4),
        ("not in use", [places[f] for f in places if f not in used], "s", place_size),
        ("in use", [places[f] for f in places if f in used], "s", place_size),
    )
    for (name, points, marker, size), color in zip(shown, MAP_COLORS, strict=True):
        if points:
            x, y = zip(*points, strict=True)
            edge = "k" if marker == "s" else "none"
            dots = ax.scatter(x, y, size, color, marker, edgecolors=edge, label=name)
            dots.set_rasterized(len(points) > MOST_SHAPES)
    ax.set_aspect(1 / math.cos(math.radians(ax.get_ylim()[0])))
    ax.set_axis_off()
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def example(ran: ExampleRun) -> Figure | None:
    """Draw the last town an example solves, under the policies it tries."""
    solved = [(town, plan) for town, plan in ran.solved if len(plan.allocation)]
    if not solved:
        return None
    figure = Figure(figsize=(7, 3))
    ax = figure.subplots()
    town, last = solved[-1]
    alike = [(other, plan) for other, plan in solved if other is town]
    plans = {plan.name: plan for _, result in alike for plan in [plan_of(result)]}
    if town.needs[0].location and town.facilities[0].location:
        draw_map(ax, town, last)
    elif len(plans) > 1:
        draw_rates(ax, list(plans.values())[-MOST_PLANS:])
    else:
        draw_units(ax, last)
    return figure


def first_lines(printed: str) -> Figure:
    """Draw the first lines of an output, where an example allocates nothing."""
    figure = Figure()
    ax = figure.subplots()
    lines = [line[:56] for line in printed.splitlines()[:14]]
    ax.text(0, 1, "\n".join(lines), family="monospace", fontsize=6, va="top")
    ax.set_axis_off()
    return figure


def small(figure: Figure) -> Figure:
    """Make a picture to choose by: no words, which nobody could read."""
    (ax,) = figure.axes
    if (legend := ax.get_legend()) is not None:
        legend.remove()
    ax.tick_params(bottom=False, left=False, labelbottom=False, labelleft=False)
    ax.set_ylabel("")
    figure.set_size_inches(3.2, 2)
    return figure


def write(examples: list[str]) -> None:
    """Draw all pictures that are not there yet."""
    if not (path := IMAGES / "three_plans.svg").exists():
        save(three_plans(), path)
    for name in examples:
        path = IMAGES / "gallery" / f"{name}.svg"
        chosen_by = path.with_stem(f"{name}-small")
        source = EXAMPLES / f"{name}.py"
        if chosen_by.exists() and chosen_by.stat().st_mtime > source.stat().st_mtime:
            continue
        ran = run(name)
        if (figure := example(ran)) is not None:
            save(figure, path)
        save(small(figure or first_lines(ran.printed)), chosen_by)

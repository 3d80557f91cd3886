"""Pictures as numbers: where circles, lines and cells go. Templates draw them."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import cos, hypot, isnan, pi, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.report.facts import Facts
from sharematch.report.numbers import HIDDEN, units
from sharematch.report.words import Words, same, text
from sharematch.text import Text

__all__ = ["Cell", "Grid", "Map", "calendar", "hours", "lending_map", "shade"]

Floats = NDArray[np.float64]

WIDTH = 800.0
MARGIN = 70.0
MOST_FLOWS = 80
MOST_LABELS = 40
MOST_FACILITIES = 400
MOST_WEEKS = 53
SHADES = 5
"""Steps of a color scale, 0 the lightest."""


def shade(rate: Fraction | None) -> int | None:
    """Return the step of the color scale for a share, None where there is none."""
    if rate is None:
        return None
    return min(int(rate * SHADES), SHADES - 1)


# Map


@dataclass(frozen=True, slots=True)
class Node:
    """A community: a circle, its name, and what it says of itself."""

    x: float
    y: float
    radius: float
    name: str
    has_label: bool
    shade: int | None
    label: Words


@dataclass(frozen=True, slots=True)
class Flow:
    """A line from lender to borrower."""

    path: str
    width: float
    label: Words


@dataclass(frozen=True, slots=True)
class Map:
    """Communities, facilities and flows of lending on a sheet `WIDTH` wide."""

    width: float
    height: float
    nodes: list[Node]
    facilities: list[tuple[float, float, str]]
    flows: list[Flow]
    num_flows: int
    is_circle: bool


def lending_map(facts: Facts) -> Map:
    """Return the map of a plan; without coordinates communities stand in a circle."""
    columns = facts.columns
    homes, places = _locations(facts)
    is_circle = bool(np.isnan(homes).any()) or not _spread(homes)
    if is_circle:
        homes, places = _circle(len(columns.community_ids)), places[:0]
    if len(places) > MOST_FACILITIES:
        places = places[:0]
    points, height = _onto_sheet(np.concatenate((homes, places)))
    homes, places = points[: len(homes)], points[len(homes) :]
    nodes = _nodes(facts, homes)
    shown = [f for f in facts.flows if facts.counts.shown(*_key(facts, f)) is not None]
    most = shown[0][2] if shown else 1
    flows = [_flow(flow, nodes, most) for flow in reversed(shown[:MOST_FLOWS])]
    return Map(
        WIDTH,
        height,
        nodes,
        [
            (round(x, 1), round(y, 1), facts.label("facility", name))
            for (x, y), name in zip(places.tolist(), columns.facility_ids, strict=False)
            if not isnan(x)  # else it is nowhere
        ],
        flows,
        len(facts.flows),
        is_circle,
    )


def _locations(facts: Facts) -> tuple[Floats, Floats]:
    """Return where communities and facilities are, in a plane, y downwards.

    A community without a location is where its facilities are, on average.
    """
    columns = facts.columns
    places = columns.facility_xy.copy()
    homes = columns.community_xy.copy()
    known = ~np.isnan(places[:, 0])
    for c in np.flatnonzero(np.isnan(homes[:, 0])).tolist():
        own = known & (columns.facility_community == c)
        if own.any():
            homes[c] = places[own].mean(axis=0)
    scale = np.array([1.0, -1.0])
    if columns.metric == "geo" and len(homes):
        middle = np.nanmean(homes[:, 1]) if not np.isnan(homes[:, 1]).all() else 0.0
        scale[0] = cos(radians(float(middle)))
    return homes * scale, places * scale


def _spread(points: Floats) -> float:
    return float(np.ptp(points, axis=0).max(initial=0)) if len(points) else 0.0


def _circle(count: int) -> Floats:
    turn = [2 * pi * i / max(count, 1) - pi / 2 for i in range(count)]
    points = [(1.5 * cos(t), sin(t)) for t in turn]
    return np.array(points, np.float64).reshape(count, 2)


def _onto_sheet(points: Floats) -> tuple[Floats, float]:
    """Return points on the sheet and its height."""
    if not len(points):
        return points, 2 * MARGIN
    low = np.nanmin(points, axis=0)
    span = np.nanmax(points, axis=0) - low
    inner = WIDTH - 2 * MARGIN
    # Tall towns are made to fit a sheet that is not taller than wide.
    scale = min(inner / max(span[0], 1e-12), inner / max(span[1], 1e-12))
    room = WIDTH, max(span[1] * scale + 2 * MARGIN, 240.0)
    shift = (np.array(room) - span * scale) / 2
    return (points - low) * scale + shift, round(room[1], 1)


def _nodes(facts: Facts, homes: Floats) -> list[Node]:
    ids, counts = facts.columns.community_ids, facts.counts
    demand = [counts.shown("demand", one) or 0 for one in ids]
    most = max(demand, default=0) or 1
    large = sorted(range(len(ids)), key=lambda i: (-demand[i], i))[:MOST_LABELS]
    smallest, largest = (8, 26) if len(ids) <= MOST_LABELS else (3, 14)
    nodes = []
    for i, (x, y) in enumerate(homes.tolist()):
        served, asked = counts.shown("served", ids[i]), counts.shown("demand", ids[i])
        known = served is not None and asked is not None
        name = facts.label("community", ids[i])
        label = (
            text("report.node", name=name, served=f"{served:,}", asked=f"{asked:,}")
            if known
            else same(name)
        )
        nodes.append(
            Node(
                round(x, 1),
                round(y, 1),
                round(smallest + (largest - smallest) * sqrt(demand[i] / most), 1),
                name,
                i in large,
                shade(facts.rate("served", "demand", ids[i])),
                label,
            )
        )
    return nodes


def _key(facts: Facts, flow: tuple[int, int, int]) -> tuple[str, str, str]:
    ids = facts.columns.community_ids
    return "flow", ids[flow[0]], ids[flow[1]]


def _flow(flow: tuple[int, int, int], nodes: list[Node], most: int) -> Flow:
    host, home = nodes[flow[0]], nodes[flow[1]]
    dx, dy = home.x - host.x, home.y - host.y
    far = hypot(dx, dy) or 1.0
    width = 1 + 7 * flow[2] / most
    # From rim to rim, bent to one side: both ways between two stay apart.
    away = dx / far, dy / far
    start = host.x + away[0] * host.radius, host.y + away[1] * host.radius
    tip = home.radius + 3 + 1.5 * width
    end = home.x - away[0] * tip, home.y - away[1] * tip
    bend = 0.16 * far
    middle = (
        (start[0] + end[0]) / 2 - away[1] * bend,
        (start[1] + end[1]) / 2 + away[0] * bend,
    )
    path = "M{:.1f},{:.1f} Q{:.1f},{:.1f} {:.1f},{:.1f}".format(*start, *middle, *end)
    label = text("report.flow", host=host.name, home=home.name, n=flow[2])
    return Flow(path, round(width, 1), label)


# Calendars


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a calendar: units, how much of its places, and what it says."""

    value: str
    shade: int | None
    label: Words


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows with a heading and cells; None where there is nothing."""

    corner: Words
    heads: list[Words]
    rows: list[tuple[str, list[Cell | None]]]
    num_left_out: int = 0


def calendar(facts: Facts) -> Grid | None:
    """Return weeks by weekdays; None where no slot has a time."""
    if not facts.days:
        return None
    weeks: dict[date, list[Cell | None]] = {}
    for number, _, _ in facts.days:
        day = date.fromordinal(number)
        monday = day - timedelta(day.weekday())
        if monday not in weeks and len(weeks) == MOST_WEEKS:
            break
        row = weeks.setdefault(monday, [None] * 7)
        shown = (facts.counts.shown(x, str(number)) for x in ("day", "places on"))
        row[day.weekday()] = _cell(day.isoformat(), *shown)
    last = date.fromordinal(facts.days[-1][0])
    left_out = max((last - max(weeks)).days // 7, 0)
    rows = [(monday.isoformat(), row) for monday, row in weeks.items()]
    return Grid(text("report.week"), _weekdays(), rows, left_out)


def hours(facts: Facts) -> Grid | None:
    """Return hours by weekdays, all weeks added up; None where counts are hidden."""
    columns = facts.columns
    used: dict[tuple[int, int], int] = {}
    for slot, count in zip(facts.slot.tolist(), facts.units.tolist(), strict=True):
        if slot in facts.hour and columns.slot_date[slot] != NONE:
            weekday = date.fromordinal(int(columns.slot_date[slot])).weekday()
            key = facts.hour[slot], weekday
            used[key] = used.get(key, 0) + count
    # These counts overlap with those by day: not told where any may be too small.
    if not used or facts.counts.out:
        return None
    most = max(used.values())
    rows: list[tuple[str, list[Cell | None]]] = []
    for hour in range(min(used)[0], max(used)[0] + 1):
        cells = [
            _cell(_hour(day, hour), n, most)
            if (n := used.get((hour, day), 0))
            else None
            for day in range(7)
        ]
        rows.append((f"{hour:02}:00", cells))
    return Grid(text("report.hour"), _weekdays(), rows)


def _weekdays() -> list[Words]:
    return [same(Text(f"date.short_weekday_{day}")) for day in range(7)]


def _hour(day: int, hour: int) -> str:
    return Text(
        "date.hour", day=Text(f"date.short_weekday_{day}"), hour=f"{hour:02}:00"
    )


def _cell(name: str, used: int | None, places: int | None) -> Cell:
    if used is None:
        return Cell(HIDDEN, None, text("report.hidden"))
    rate = Fraction(used, places) if places else None
    return Cell(
        units(used),
        shade(rate),
        text("report.day_cell", day=name, used=units(used), places=units(places)),
    )

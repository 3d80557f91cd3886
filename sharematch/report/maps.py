"""The map of lending as numbers: where circles, lines, names and outlines go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, isnan, pi, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from sharematch.report.charts import shade
from sharematch.report.facts import Facts
from sharematch.report.numbers import units
from sharematch.report.placing import Circle, Label, place_labels
from sharematch.report.words import Words, same, text

__all__ = ["Map", "Outlines", "lending_map"]

Floats = NDArray[np.float64]
Outlines = Mapping[str, Sequence[Sequence[tuple[float, float]]]]
"""The rings of communities, by their id, in the coordinates of the instance."""

WIDTH = 800.0
MARGIN = 70.0
MOST_FLOWS = 80
MOST_LABELS = 40
MOST_FACILITIES = 400
KM_A_DEGREE = 111.195
NEAREST = 0.8
"""Corners of an outline that are nearer to each other than this are drawn as one."""


@dataclass(frozen=True, slots=True)
class Node:
    """A community: a circle, and what it says of itself."""

    x: float
    y: float
    radius: float
    name: str
    shade: int | None
    label: Words


@dataclass(frozen=True, slots=True)
class Flow:
    """A line from lender to borrower."""

    path: str
    width: float
    label: Words


@dataclass(frozen=True, slots=True)
class Legend:
    """What sizes mean: circles and lines with what they stand for, and a length."""

    circles: list[tuple[float, Words]]
    lines: list[tuple[float, Words]]
    scale: tuple[float, Words] | None


@dataclass(frozen=True, slots=True)
class Map:
    """Communities, facilities and flows of lending on a sheet `WIDTH` wide."""

    width: float
    height: float
    outlines: list[str]
    nodes: list[Node]
    labels: list[Label]
    facilities: list[tuple[float, float, str]]
    flows: list[Flow]
    num_flows: int
    is_circle: bool
    legend: Legend


def lending_map(facts: Facts, outlines: Outlines) -> Map:
    """Return the map of a plan; without coordinates communities stand in a circle."""
    columns = facts.columns
    homes, places = _locations(facts)
    rings = [
        np.array(ring, np.float64).reshape(-1, 2) * _stretch(facts)
        for community in columns.community_ids
        for ring in outlines.get(community, ())
    ]
    is_circle = bool(np.isnan(homes).any()) or not _spread(homes)
    if is_circle:
        homes, places, rings = _circle(len(columns.community_ids)), places[:0], []
    if len(places) > MOST_FACILITIES:
        places = places[:0]
    points, height, scale = _onto_sheet(np.concatenate((homes, places, *rings)))
    corners = points[len(homes) + len(places) :]
    homes, places = points[: len(homes)], points[len(homes) :][: len(places)]
    nodes = _nodes(facts, homes)
    shown = [f for f in facts.flows if facts.counts.shown(*_key(facts, f)) is not None]
    most = shown[0][2] if shown else 0
    flows = [_flow(flow, nodes, most) for flow in reversed(shown[:MOST_FLOWS])]
    demand = _demand(facts)
    order = sorted(range(len(nodes)), key=lambda i: (-demand[i], i))
    circles = [Circle(n.x, n.y, n.radius, n.name) for n in nodes]
    return Map(
        WIDTH,
        height,
        _paths(corners, [len(ring) for ring in rings]),
        nodes,
        place_labels([circles[i] for i in order], WIDTH, height, MOST_LABELS),
        [
            (round(x, 1), round(y, 1), facts.label("facility", name))
            for (x, y), name in zip(places.tolist(), columns.facility_ids, strict=False)
            if not isnan(x)  # else it is nowhere
        ],
        flows,
        len(facts.flows),
        is_circle,
        _legend(facts, max(demand, default=0), most, 0 if is_circle else scale),
    )


def _stretch(facts: Facts) -> Floats:
    """Return what makes coordinates a plane, y downwards."""
    columns, stretch = facts.columns, np.array([1.0, -1.0])
    for places in (columns.community_xy, columns.facility_xy):
        north = places[~np.isnan(places[:, 1]), 1]
        if columns.metric == "geo" and len(north):
            stretch[0] = cos(radians(float(north.mean())))
            break
    return stretch


def _locations(facts: Facts) -> tuple[Floats, Floats]:
    """Return where communities and facilities are, in a plane, y downwards.

    A community without a location is where its facilities are, on average.
    """
    columns = facts.columns
    places = columns.facility_xy.copy()
    homes = columns.community_xy.copy()
    known = ~np.isnan(places[:, 0])
    for c in np.flatnonzero(np.isnan(homes[:, 0])).tolist():
        is_owned = known & (columns.facility_community == c)
        if is_owned.any():
            homes[c] = places[is_owned].mean(axis=0)
    stretch = _stretch(facts)
    return homes * stretch, places * stretch


def _spread(points: Floats) -> float:
    return float(np.ptp(points, axis=0).max(initial=0)) if len(points) else 0.0


def _circle(count: int) -> Floats:
    turn = [2 * pi * i / max(count, 1) - pi / 2 for i in range(count)]
    points = [(1.5 * cos(t), sin(t)) for t in turn]
    return np.array(points, np.float64).reshape(count, 2)


def _onto_sheet(points: Floats) -> tuple[Floats, float, float]:
    """Return points on the sheet, its height, and how many of its units are one."""
    if not len(points):
        return points, 2 * MARGIN, 0.0
    low = np.nanmin(points, axis=0)
    span = np.nanmax(points, axis=0) - low
    inner = WIDTH - 2 * MARGIN
    # Tall towns are made to fit a sheet that is not taller than wide.
    scale = min(inner / max(span[0], 1e-12), inner / max(span[1], 1e-12))
    room = WIDTH, max(span[1] * scale + 2 * MARGIN, 240.0)
    shift = (np.array(room) - span * scale) / 2
    return (points - low) * scale + shift, round(room[1], 1), float(scale)


def _paths(corners: Floats, lengths: Sequence[int]) -> list[str]:
    """Return rings as paths, without corners that nobody could tell apart."""
    paths, begin = [], 0
    for length in lengths:
        drawn: list[tuple[float, float]] = []
        for x, y in corners[begin : begin + length].tolist():
            if not drawn or hypot(x - drawn[-1][0], y - drawn[-1][1]) >= NEAREST:
                drawn.append((x, y))
        begin += length
        if len(drawn) > 2:
            paths.append("M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn) + "Z")
    return paths


def _demand(facts: Facts) -> list[int]:
    return [facts.counts.shown("demand", c) or 0 for c in facts.columns.community_ids]


def _radius(demand: float, most: int, count: int) -> float:
    """Return the radius of a circle whose surface above the least goes with demand."""
    smallest, largest = (8, 26) if count <= MOST_LABELS else (3, 14)
    return round(smallest + (largest - smallest) * sqrt(demand / (most or 1)), 1)


def _nodes(facts: Facts, homes: Floats) -> list[Node]:
    ids, counts, demand = facts.columns.community_ids, facts.counts, _demand(facts)
    most = max(demand, default=0)
    nodes = []
    for i, (x, y) in enumerate(homes.tolist()):
        served, asked = counts.shown("served", ids[i]), counts.shown("demand", ids[i])
        name = facts.label("community", ids[i])
        label = same(name)
        if served is not None and asked is not None:
            given = {"served": f"{served:,}", "asked": f"{asked:,}"}
            label = text("report.node", name=name, **given)
        radius = _radius(demand[i], most, len(ids))
        rate = facts.rate("served", "demand", ids[i])
        nodes.append(Node(round(x, 1), round(y, 1), radius, name, shade(rate), label))
    return nodes


def _key(facts: Facts, flow: tuple[int, int, int]) -> tuple[str, str, str]:
    ids = facts.columns.community_ids
    return "flow", ids[flow[0]], ids[flow[1]]


def _width(count: int, most: int) -> float:
    return round(1 + 7 * count / (most or 1), 1)


def _flow(flow: tuple[int, int, int], nodes: list[Node], most: int) -> Flow:
    host, home = nodes[flow[0]], nodes[flow[1]]
    dx, dy = home.x - host.x, home.y - host.y
    far = hypot(dx, dy) or 1.0
    width = _width(flow[2], most)
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
    return Flow(path, width, label)


# Legend


def _legend(facts: Facts, most: int, most_lent: int, scale: float) -> Legend:
    count = len(facts.columns.community_ids)
    circles = [
        (_radius(n, most, count), text("report.asks", n=n, units=units(n)))
        for n in _steps(most)
    ]
    lines = [
        (_width(n, most_lent), text("report.lends", n=n, units=units(n)))
        for n in _steps(most_lent)
    ]
    return Legend(circles, lines, _scale(facts, scale))


def _steps(most: int) -> list[int]:
    """Return a round number that is not more, and one about a quarter of it."""
    return sorted({int(_round(most / 4)) or 1, int(_round(most))}) if most > 0 else []


def _round(most: float) -> float:
    """Return the greatest of 1, 2, 5, 10, 20 … that is not more."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(n * power for n in (1, 2, 5) if n * power <= most))


def _scale(facts: Facts, scale: float) -> tuple[float, Words] | None:
    """Return how long a round distance is on the sheet, and what it is called."""
    if not scale:
        return None
    a_km = scale / (KM_A_DEGREE if facts.columns.metric == "geo" else 1.0)
    km = _round(WIDTH / 5 / a_km)
    metres = round(1000 * km)
    if not metres or km > 20_000:
        return None
    said = text("length.metres", number=f"{metres:,}", n=metres)
    if km >= 1:
        said = text("length.km", number=f"{km:,.0f}")
    return round(km * a_km, 1), said

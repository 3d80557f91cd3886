"""Points and polygons of GeoJSON: what is inside, where the center is, what is near."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sharematch.model import numbers
from sharematch.text import Text

__all__ = ["Point", "Shape", "nearest", "point_of", "rings_of", "shape_of"]

Point = tuple[float, float]
"""Longitude and latitude, in degrees."""

_RADIUS_KM = 6371.0088


def point_of(value: object) -> Point:
    """Return a position; a height is left out. Raises ValueError if it is none."""
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        raise ValueError(Text("geojson.must_be_two_numbers_longitude_and"))
    x, y = (float(numbers.exact(number)) for number in value[:2])
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise ValueError(Text("geojson.must_be_longitude_180_to_180"))
    return x, y


class Shape:
    """The polygons of one place, each a list of closed rings: outer one, then holes."""

    def __init__(self, polygons: Sequence[Sequence[Sequence[Point]]]) -> None:
        rings = [ring for polygon in polygons for ring in polygon]
        self._is_turned = _is_narrower_turned(rings)
        self.rings = [[*map(self._turned, ring)] for ring in rings]
        # Outer rings add, holes take away, however they are wound.
        signs = [1 if i == 0 else -1 for p in polygons for i in range(len(p))]
        self._weighted = [
            (sign * abs(area), center)
            for sign, (area, center) in zip(signs, map(_flat, self.rings), strict=True)
        ]
        corners = [point for ring in self.rings for point in ring]
        self._low = min(x for x, _ in corners), min(y for _, y in corners)
        self._high = max(x for x, _ in corners), max(y for _, y in corners)

    def _turned(self, point: Point) -> Point:
        """Return a point where the map is cut elsewhere than at 180 degrees."""
        x, y = point
        return (x + 360, y) if self._is_turned and x < 0 else point

    @property
    def center(self) -> Point:
        """The centroid of the surface, of the corners if there is no surface."""
        x, y = self._center()
        return (x - 360 if x > 180 else x), y

    def _center(self) -> Point:
        total = sum(area for area, _ in self._weighted)
        if total <= 0:
            corners = self.rings[0]
            count = len(corners)
            return sum(x for x, _ in corners) / count, sum(
                y for _, y in corners
            ) / count
        x, y = (
            sum(area * center[axis] for area, center in self._weighted) / total
            for axis in (0, 1)
        )
        return x, y

    def __contains__(self, point: Point) -> bool:
        """Say whether a point is inside: the ray to the east crosses rings oddly."""
        x, y = self._turned(point)
        low, high = self._low, self._high
        if not (low[0] <= x <= high[0] and low[1] <= y <= high[1]):
            return False
        crossings = 0
        for ring in self.rings:
            for (x1, y1), (x2, y2) in pairwise(ring):
                if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                    crossings += 1
        return crossings % 2 == 1


def _is_narrower_turned(rings: Sequence[Sequence[Point]]) -> bool:
    """Say whether a place lies on both sides of the antimeridian, not between."""
    if any(abs(one[0] - other[0]) == 360 for r in rings for one, other in pairwise(r)):
        return False  # it goes around the world
    longitudes = [x for ring in rings for x, _ in ring]
    turned = [x + 360 if x < 0 else x for x in longitudes]
    width = max(longitudes) - min(longitudes)
    return width > 180 and max(turned) - min(turned) < width


def _flat(ring: Sequence[Point]) -> tuple[float, Point]:
    """Return signed area and centroid of a ring, in degrees on the flat map."""
    x0, y0 = ring[0]  # near the origin nothing is lost in rounding
    area = x_sum = y_sum = 0.0
    for (xa, ya), (xb, yb) in pairwise(ring):
        x1, y1, x2, y2 = xa - x0, ya - y0, xb - x0, yb - y0
        cross = x1 * y2 - x2 * y1
        area += cross / 2
        x_sum += (x1 + x2) * cross / 6
        y_sum += (y1 + y2) * cross / 6
    if area == 0:
        return 0.0, (x0, y0)
    return area, (x0 + x_sum / area, y0 + y_sum / area)


def shape_of(geometry: Mapping[str, Any]) -> Shape:
    """Return a Polygon or MultiPolygon. Raises ValueError if it is not valid."""
    return Shape(_polygons(geometry))


def rings_of(geometry: Mapping[str, Any]) -> list[list[Point]]:
    """Return the rings of a Polygon or MultiPolygon, as `shape_of`."""
    return [ring for polygon in _polygons(geometry) for ring in polygon]


def _polygons(geometry: Mapping[str, Any]) -> list[list[list[Point]]]:
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry.get("type") == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise ValueError(Text("geojson.must_be_a_list_of_polygons"))
    return [[*map(_ring, _listed(polygon))] for polygon in polygons]


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(Text("geojson.must_be_a_list_of_rings"))
    return value


def _ring(value: object) -> list[Point]:
    points = [point_of(position) for position in _listed(value)]
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError(Text("geojson.rings_must_be_closed_and_have"))
    return points


def nearest(point: Point, places: Mapping[str, Point]) -> str:
    """Return the name of the place next to a point, of equally near ones the first."""
    return min(places, key=lambda name: (_distance(point, places[name]), name))


def _distance(one: Point, other: Point) -> float:
    (x1, y1), (x2, y2) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    part = math.sin((y2 - y1) / 2) ** 2
    part += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * _RADIUS_KM * math.asin(min(1.0, math.sqrt(part)))
